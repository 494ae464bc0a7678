package dev.trunkline.server.differential;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;

/** The proxy, with all the server connections that it may have open. */
record ProxyEndpoint(TestProxy proxy) implements Endpoint {
    static Endpoint make(Scenario.Setting setting, String database) {
        TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                .database(
                        database, "pool_size: " + setting.pool() + ", max_prepared_statements: " + setting.statements())
                .global("server_round_robin: true")
                .start();
        openAll(proxy, database, setting.pool());
        return new ProxyEndpoint(proxy);
    }

    /** A transaction of its own for each of them, all at once. */
    private static void openAll(TestProxy proxy, String database, int pool) {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < pool && pool > 1; i++) {
            RawClient client = proxy.rawClient(database);
            client.query("BEGIN");
            clients.add(client);
        }
        for (RawClient client : clients) {
            client.query("COMMIT");
            client.send(Frames.terminate());
            client.readToEnd();
            client.close();
        }
    }

    @Override
    public int port() {
        return proxy.port();
    }

    @Override
    public void close() {
        proxy.close();
    }
}
