package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the leader's table holds, asked of the leader itself.
 *
 * @param places where each row says that it was written
 * @param inRecovery how many rows say that their server was in recovery
 */
record Rows(Map<Long, Load.Place> places, int inRecovery) {
    static Rows of(PatroniNode leader) throws SQLException {
        Map<Long, Load.Place> places = new HashMap<>();
        int inRecovery = 0;
        try (Connection connection = leader.connect(PatroniCluster.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, port, timeline, recovery FROM writes")) {
            while (row.next()) {
                places.put(row.getLong(1), new Load.Place(row.getInt(2), row.getInt(3)));
                inRecovery += row.getBoolean(4) ? 1 : 0;
            }
        }
        return new Rows(places, inRecovery);
    }

    /** What was acknowledged and is not there. */
    List<Load.Done> missing(List<Load.Done> acknowledged) {
        return acknowledged.stream()
                .filter(write -> !write.place().equals(places.get(write.id())))
                .toList();
    }
}
