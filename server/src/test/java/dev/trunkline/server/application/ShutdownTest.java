package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.demo.TestCluster;
import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestProxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What SIGTERM does to clients. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ShutdownTest {
    private static final String DATABASE = "shutdown";

    @BeforeAll
    static void createDatabase() throws SQLException {
        Stage.createDatabase(DATABASE);
        TestCluster.shared().run(DATABASE, "SET ROLE app; CREATE TABLE done (id int)");
    }

    private static TestProxy.Builder proxy() {
        return Stage.proxy()
                .database(DATABASE, "")
                .database("by_session", "dbname: shutdown, pool_mode: session")
                .global("shutdown_timeout: 30s");
    }

    @Test
    void close_letsATransactionEndAndTellsIdleClientsAtOnce() throws Exception {
        TestProxy proxy = proxy().start();
        RawClient idle = proxy.rawClient(DATABASE);
        RawClient idleWithServer = proxy.rawClient("by_session");
        idleWithServer.query("SELECT 1");
        Connection busy = connect(proxy, DATABASE, "");
        busy.setAutoCommit(false);
        run(busy, "INSERT INTO done VALUES (1)");

        CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);

        assertThat(Message.error(idle.readToEnd()).fields()).containsEntry('C', "57P01");
        assertThat(Message.error(idleWithServer.readToEnd()).fields()).containsEntry('C', "57P01");
        assertThatThrownBy(() -> connect(proxy, DATABASE, "")).isInstanceOf(SQLException.class);
        assertThat(closed).isNotDone();
        assertThat(text(busy, "SELECT 'still served'")).isEqualTo("still served");
        run(busy, "INSERT INTO done VALUES (2)");
        busy.commit();
        closed.get(10, TimeUnit.SECONDS);

        assertThatThrownBy(() -> text(busy, "SELECT 1")).isInstanceOf(SQLException.class);
        try (Connection direct = TestCluster.shared().superuser(DATABASE)) {
            assertThat(text(direct, "SELECT string_agg(id::text, ',' ORDER BY id) FROM done"))
                    .isEqualTo("1,2");
        }
        busy.close();
        idle.close();
        idleWithServer.close();
    }

    @Test
    void close_endsATransactionThatLastsLongerThanShutdownTimeout() throws Exception {
        TestProxy proxy = proxy().global("shutdown_timeout: 200ms").start();
        try (RawClient busy = proxy.rawClient(DATABASE)) {
            busy.query("BEGIN");
            CompletableFuture<Void> closed = CompletableFuture.runAsync(proxy::close);
            assertThat(Message.error(busy.readToEnd()).fields()).containsEntry('C', "57P01");
            closed.get(10, TimeUnit.SECONDS);
        }
    }
}
