package dev.trunkline.server.differential;

import java.util.List;
import java.util.Map;

/** All that is needed to play something again. */
record Scenario(Setting setting, List<Step> steps) {
    Scenario {
        steps = List.copyOf(steps);
    }

    /** What max_prepared_statements is where nobody says otherwise. */
    static final int DEFAULT_STATEMENTS = 200;

    /**
     * What the proxy is configured as, and who comes.
     *
     * @param statements max_prepared_statements; where it is not the default, unnamed statements are shared, too
     * @param pool pool_size; above 1 all connections are opened first, and taken in turn
     * @param clients for each client the startup parameters beside user, database and client_encoding
     */
    record Setting(int statements, int pool, List<Map<String, String>> clients) {
        Setting {
            clients = clients.stream().map(Map::copyOf).toList();
        }

        /** The word for reuse_unnamed_statements. */
        String reuse() {
            return statements == DEFAULT_STATEMENTS ? "off" : "all";
        }

        /** Clients without wishes. */
        static Setting of(int statements, int pool, int clients) {
            return new Setting(statements, pool, java.util.Collections.nCopies(clients, Map.<String, String>of()));
        }
    }

    static Scenario of(Setting setting, Step... steps) {
        return new Scenario(setting, List.of(steps));
    }

    Scenario with(List<Step> others) {
        return new Scenario(setting, others);
    }

    int messages() {
        return steps.stream().mapToInt(step -> step.messages().size()).sum();
    }
}
