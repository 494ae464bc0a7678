package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the leader's table holds, asked of the leader itself.
 *
 * @param places where each row says that it was written
 * @param inRecovery how many rows say that their server was in recovery
 * @param twice the numbers that are there more than once
 */
record Rows(Map<Long, Load.Place> places, int inRecovery, Set<Long> twice) {
    static Rows of(PatroniNode leader) throws SQLException {
        Map<Long, Load.Place> places = new HashMap<>();
        Set<Long> twice = new HashSet<>();
        int inRecovery = 0;
        try (Connection connection = leader.connect(PatroniCluster.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, port, timeline, recovery FROM writes")) {
            while (row.next()) {
                long id = row.getLong(1);
                if (places.put(id, new Load.Place(row.getInt(2), row.getInt(3))) != null) {
                    twice.add(id);
                }
                inRecovery += row.getBoolean(4) ? 1 : 0;
            }
        }
        return new Rows(places, inRecovery, twice);
    }

    /** What was acknowledged and is not there. */
    List<Load.Done> missing(List<Load.Done> acknowledged) {
        return acknowledged.stream()
                .filter(write -> !write.place().equals(places.get(write.id())))
                .toList();
    }
}
