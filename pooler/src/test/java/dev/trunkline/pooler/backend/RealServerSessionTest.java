package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Kind;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.Lease;
import dev.trunkline.pooler.pool.Permits;
import dev.trunkline.pooler.pool.Pool;
import dev.trunkline.pooler.pool.PoolConfig;
import dev.trunkline.pooler.pool.PoolContext;
import dev.trunkline.pooler.pool.WaitFailure;
import dev.trunkline.pooler.pool.Waiter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;
import java.util.HexFormat;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sessions on a real PostgreSQL: what is believed of its answers is held against what it answers. */
class RealServerSessionTest extends RealSession {
    @Test
    void pipeline_ofBothProtocols() throws Exception {
        send(
                join(query("SELECT 1; SELECT 2"), extended("SELECT 3"), SYNC, query(""), extended("nonsense"), SYNC),
                Kind.QUERY,
                Kind.PARSE,
                Kind.BIND,
                Kind.EXECUTE,
                Kind.SYNC,
                Kind.QUERY,
                Kind.PARSE,
                Kind.BIND,
                Kind.EXECUTE,
                Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("TDCTDCZ12DCZIZEZ");
    }

    // Hazard D7
    @Test
    void portalSuspended_isFollowedByTheRest() throws Exception {
        send(
                join(parse("SELECT generate_series(1, 3)"), bind(), execute(2), execute(0), SYNC),
                Kind.PARSE,
                Kind.BIND,
                Kind.EXECUTE,
                Kind.EXECUTE,
                Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("12DDsDCZ");
    }

    // Hazard D18
    @Test
    void functionCall_isAnswered() throws Exception {
        int abs = 1397; // abs(integer)
        byte[] call = new byte[] {
            (byte) (abs >> 24),
            (byte) (abs >> 16),
            (byte) (abs >> 8),
            (byte) abs,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            2,
            '-',
            '7',
            0,
            0
        };
        send(
                join(frame('F', call), frame('F', new byte[10]), query("SELECT 1")),
                Kind.FUNCTION_CALL,
                Kind.FUNCTION_CALL,
                Kind.QUERY);
        assertThat(typesAtRest()).isEqualTo("VZEZTDCZ");
    }

    // Hazard D6
    @Test
    void errorWithoutSync_ignoresEvenQueriesUntilSync() throws Exception {
        send(join(parse("nonsense"), frame('H')), Kind.PARSE);
        assertThat(typesOnceOpen()).isEqualTo("E");
        send(join(query("SELECT 1"), extended("SELECT 2")), Kind.QUERY, Kind.PARSE, Kind.BIND, Kind.EXECUTE);
        assertThat(fixture.onLoop(connection()::isAtBoundary)).isFalse();
        send(SYNC, Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("Z");
        send(query("SELECT 1"), Kind.QUERY);
        assertThat(typesAtRest()).isEqualTo("TDCZ");
    }

    // The Execute has begun an implicit transaction, which the Query ends in the eyes of old servers only.
    @Test
    void queryBehindABatchWithoutSync_staysInItsTransaction() throws Exception {
        send(join(extended("SELECT 1"), query("SELECT 2")), Kind.PARSE, Kind.BIND, Kind.EXECUTE, Kind.QUERY);
        assertThat(typesOnceOpen()).isEqualTo("12DCTDCZ");
        assertThat(connection().replies().isBatchOpen()).isFalse();
        assertThat(connection().status()).isEqualTo(TxStatus.IN_TRANSACTION);
        send(SYNC, Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("Z");
    }

    // Hazard S15
    @ParameterizedTest
    @CsvSource({
        "UTF8,on,safe_encoding,\u3042\u00e9\ud83d\ude00",
        "UTF8,off,on,\u00e9",
        "SJIS,on,on,\u3042",
        "SJIS,off,on,\u3042",
        "LATIN1,on,off,\u00e9",
        "GBK,off,on,\u3042"
    })
    void hostileValues_areSetAsTheyAre(String encoding, String conforming, String backslash, String letters)
            throws Exception {
        assertThat(ask("SET client_encoding = " + encoding + "; SET standard_conforming_strings = " + conforming
                        + "; SET backslash_quote = " + backslash))
                .isEqualTo("done");
        String value = "a'b\"c\\d, e\nf\\'g" + letters + "\\' || (SELECT 1/0) --";
        Parameters actual = connection().parameters();
        String changes = Objects.requireNonNull(actual.with("my.value", value).changesFrom(actual));
        assertThat(ask(changes)).isEqualTo("done");
        String hex = HexFormat.of().formatHex(value.getBytes(UTF_8));
        assertThat(ask("SELECT 1 / (encode(convert_to(current_setting('my.value'), 'UTF8'), 'hex') = '" + hex
                        + "')::int"))
                .isEqualTo("done");
    }

    @Test
    void parameters_followWhatTheServerReportsAndGoBack() throws Exception {
        Parameters before = connection().parameters();
        send(query("SET TimeZone = 'Asia/Tokyo'"), Kind.QUERY);
        await(connection()::isAtBoundary);
        Parameters now = connection().parameters();
        assertThat(now.get("TimeZone")).isEqualTo("Asia/Tokyo");
        assertThat(holder.events).contains("parameter TimeZone=Asia/Tokyo");
        assertThat(ask(Objects.requireNonNull(before.changesFrom(now)))).isEqualTo("done");
        assertThat(connection().parameters().sameAs(before)).isTrue();
        send(query("SET search_path = a, \"B c\""), Kind.QUERY);
        await(connection()::isAtBoundary);
        assertThat(connection().parameters().get("search_path")).isEqualTo("a, \"B c\"");
        Parameters listed = before.with("search_path", "a, \"B c\"");
        assertThat(ask("RESET ALL")).isEqualTo("done");
        assertThat(ask(Objects.requireNonNull(listed.changesFrom(before)))).isEqualTo("done");
        assertThat(ask("SELECT 1 / (current_setting('search_path') = 'a, \"B c\"')::int"))
                .isEqualTo("done");
    }

    @Test
    void discardAll_isSeen() throws Exception {
        send(query("SET TimeZone = 'Asia/Tokyo'"), Kind.QUERY);
        await(connection()::isAtBoundary);
        send(query("DISCARD ALL"), Kind.QUERY);
        await(connection()::isAtBoundary);
        assertThat(holder.events).contains("discarded SESSION");
        assertThat(connection().parameters().sameAs(connection().atLogin())).isTrue();
    }

    // Hazard D10
    @Test
    void cancel_endsTheQueryAndThenFreesTheConnection() throws Exception {
        Canceller canceller = new Canceller(fixture.context, 5000);
        send(query("SELECT pg_sleep(60)"), Kind.QUERY);
        server.awaitTrue("SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = "
                + connection().identity().pid());
        fixture.onLoop(() -> canceller.cancel(connection()));
        assertThat(typesAtRest()).isEqualTo("TEZ");
        assertThat(holder.events).containsExactly("error 57014", "ready IDLE");
        assertThat(connection().isUsable()).isTrue();
    }

    // Hazard D10
    @Test
    void cancelOfAnIdleSession_hitsNothing() throws Exception {
        Canceller canceller = new Canceller(fixture.context, 5000);
        for (int i = 0; i < 50; i++) {
            fixture.onLoop(() -> canceller.cancel(connection()));
            await(connection()::isAtBoundary);
            assertThat(ask("SELECT " + i)).isEqualTo("done");
        }
    }

    // Hazard D16
    @Test
    void killedWhileInUse_theHolderIsTold() throws Exception {
        send(query("BEGIN"), Kind.QUERY);
        await(() -> connection().replies().isEmpty());
        CompletableFuture<Boolean> lost = new CompletableFuture<>();
        fixture.onLoop(() -> holder.onLoss = () -> lost.complete(true));
        server.sql("SELECT pg_terminate_backend(" + connection().identity().pid() + ")");
        assertThat(lost.get(30, TimeUnit.SECONDS)).isTrue();
        Holder.Loss loss = Objects.requireNonNull(fixture.onLoop(() -> holder.loss));
        assertThat(loss.error()).isNotNull().extracting(PgError::code).isEqualTo("57P01");
        assertThat(loss.relayed()).isTrue();
        assertThat(types()).isEqualTo("CZE");
    }

    // Hazard D16
    @Test
    void killedWhileIdle_leavesItsPool() throws Exception {
        Pool<ServerConnection> pool = new Pool<>(
                "app",
                PoolConfig.ofSize(2),
                connector,
                Permits.unlimited(),
                new PoolContext(
                        fixture.loop,
                        fixture.loop::inEventLoop,
                        System::nanoTime,
                        new SplittableRandom(1),
                        (task, nanos) -> fixture.loop.schedule(task, nanos, TimeUnit.NANOSECONDS),
                        new BackendListener(System::nanoTime)));
        CompletableFuture<Lease<ServerConnection>> granted = new CompletableFuture<>();
        fixture.onLoop(() -> pool.await(new Grant(granted), 0));
        Lease<ServerConnection> lease = granted.get(30, TimeUnit.SECONDS);
        fixture.onLoop(() -> pool.release(lease));
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        lease.connection().channel().closeFuture().addListener(_ -> closed.complete(true));
        server.sql(
                "SELECT pg_terminate_backend(" + lease.connection().identity().pid() + ")");
        assertThat(closed.get(30, TimeUnit.SECONDS)).isTrue();
        assertThat(fixture.onLoop(() -> pool.tryAcquire() == null)).isTrue();
        assertThat(fixture.onLoop(pool::stats).closed(CloseReason.SERVER_LOST)).isEqualTo(1);
        assertThat(lease.connection().isUsable()).isFalse();
        fixture.onLoop(() -> pool.close(CloseReason.POOL_CLOSED));
    }

    private static final class Grant extends Waiter<ServerConnection> {
        private final CompletableFuture<Lease<ServerConnection>> answer;

        Grant(CompletableFuture<Lease<ServerConnection>> answer) {
            this.answer = answer;
        }

        @Override
        protected void granted(Lease<ServerConnection> lease) {
            answer.complete(lease);
        }

        @Override
        protected void failed(WaitFailure failure) {
            answer.completeExceptionally(new AssertionError(failure.message()));
        }
    }
}
