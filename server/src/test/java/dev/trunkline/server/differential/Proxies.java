package dev.trunkline.server.differential;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Starts proxies, each with all the server connections that it may have; closes them behind the back of the next scenario. */
final class Proxies implements Endpoint.Maker, AutoCloseable {
    private final ExecutorService closing = Executors.newSingleThreadExecutor();

    @Override
    public Endpoint make(Scenario.Setting setting, String database) {
        TestProxy proxy = TestProxy.before(TestPostgres.get(), database)
                .database(
                        database,
                        "pool_size: " + setting.pool() + ", max_pinned_share: 100, max_prepared_statements: "
                                + setting.statements() + ", reuse_unnamed_statements: " + setting.reuse())
                .global("server_round_robin: true")
                .start();
        openAll(proxy, database, setting.pool());
        return new Running(proxy);
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

    private final class Running implements Endpoint {
        private final TestProxy proxy;

        Running(TestProxy proxy) {
            this.proxy = proxy;
        }

        @Override
        public int port() {
            return proxy.port();
        }

        /** Its loops stay for a while to see if somebody still wants them, for which nobody need wait. */
        @Override
        public void close() {
            closing.execute(proxy::close);
        }
    }

    /** Returns when all are closed. */
    @Override
    public void close() {
        closing.close();
    }
}
