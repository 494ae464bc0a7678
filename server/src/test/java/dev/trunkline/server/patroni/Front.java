package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Trunkline in front of a cluster, wherever it runs. */
interface Front {
    /** Where clients connect to {@link PatroniCluster#DATABASE}. */
    String url();

    /** Where its console is. */
    String consoleUrl();

    /** A connection to its console, as one who may change something. */
    default Connection openConsole() throws SQLException {
        return DriverManager.getConnection(consoleUrl(), PatroniCluster.USER, PatroniFile.PASSWORD);
    }

    /** What a command of the console is answered with, the text of its notice. */
    default String console(String command) throws SQLException {
        try (Connection connection = openConsole();
                Statement statement = connection.createStatement()) {
            statement.execute(command);
            return String.valueOf(statement.getWarnings().getMessage());
        }
    }

    /** The rows of a command of the console, each by column name. */
    static List<Map<String, String>> rows(Connection console, String command) throws SQLException {
        try (Statement statement = console.createStatement();
                ResultSet row = statement.executeQuery(command)) {
            List<Map<String, String>> rows = new ArrayList<>();
            while (row.next()) {
                Map<String, String> columns = new LinkedHashMap<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.put(row.getMetaData().getColumnName(i), String.valueOf(row.getString(i)));
                }
                rows.add(columns);
            }
            return rows;
        }
    }
}
