package dev.trunkline.server.admin;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.wire.FrameWriter;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the statements of the console. Immutable and safe to use from any thread; a stage may complete on another.
 *
 * <p>What a user who is no admin may do is a list of what is allowed, not of what is forbidden: a command that is added
 * later is closed to stats users until somebody opens it.
 */
public final class AdminConsole {
    /** The verbs that PgBouncer keeps for its admins. Those that do not exist here yet are refused in the same words. */
    private static final Set<String> ADMIN_VERBS = Set.of(
            "disable", "enable", "kill", "kill_client", "reconnect", "reload", "shutdown", "suspend", "wait_close");

    /**
     * What the console may do, and whom it asks.
     *
     * @param clusters what may be done to clusters
     * @param pools what may be done to pools
     * @param preview where statements would go
     */
    public record Powers(ClusterControl clusters, PoolControl pools, RoutePreview preview) {}

    private final ProxyState state;
    private final Powers powers;
    private final ShowCommands shows;
    private final Executor renderer;
    private final Duration limit;

    /**
     * @param powers what it may do, and whom it asks
     * @param version Trunkline's own version, as SHOW VERSION tells it
     * @param renderer where results are made and encoded: SHOW CLIENTS may have ten thousand rows, which no worker's loop
     *     should stand still for
     * @param limit how long the workers have for an answer, before the statement fails
     */
    public AdminConsole(ProxyState state, Powers powers, String version, Executor renderer, Duration limit) {
        this.state = state;
        this.powers = powers;
        this.shows = new ShowCommands(version);
        this.renderer = renderer;
        this.limit = limit;
    }

    /**
     * Runs the statements of one query in order and stops behind the first that fails. Never completes exceptionally.
     *
     * @return one result for each statement that was run; {@link AdminResult.Empty} if there was none
     */
    public CompletionStage<List<AdminResult>> execute(String query, AdminUser user) {
        List<String> statements = Statement.split(query);
        if (statements.isEmpty()) {
            return CompletableFuture.completedFuture(List.of(new AdminResult.Empty()));
        }
        return runFrom(0, statements, user, new ArrayList<>());
    }

    /**
     * As {@link #execute}, as the bytes of the answer with ReadyForQuery at its end. Gives the buffer: the receiver releases
     * it. Never completes exceptionally.
     */
    CompletionStage<ByteBuf> answer(String query, AdminUser user, ByteBufAllocator allocator) {
        return execute(query, user).thenApplyAsync(results -> encoded(results, allocator), renderer);
    }

    private static ByteBuf encoded(List<AdminResult> results, ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer();
        results.forEach(result -> result.writeTo(out));
        FrameWriter.readyForQuery(out, TxStatus.IDLE);
        return out;
    }

    private CompletionStage<List<AdminResult>> runFrom(
            int index, List<String> statements, AdminUser user, List<AdminResult> done) {
        if (index == statements.size()) {
            return CompletableFuture.completedFuture(Collections.unmodifiableList(done));
        }
        return run(statements.get(index), user).thenCompose(result -> {
            done.add(result);
            int next = result instanceof AdminResult.Failed ? statements.size() : index + 1;
            return runFrom(next, statements, user, done);
        });
    }

    private CompletionStage<AdminResult> run(String text, AdminUser user) {
        return switch (Statement.parse(text)) {
            case Statement.Command(String verb, String argument) -> command(text, verb, argument, user);
            case Statement.Set(String key, String _) -> completed(set(key, user));
            case Statement.Switchover(String cluster, String member) -> switchover(cluster, member, user);
            case Statement.ExplainRoute(String database, String statement) ->
                completed(powers.preview().explain(database, statement));
            case Statement.Unreadable() -> completed(invalid(text));
        };
    }

    private CompletionStage<AdminResult> command(String text, String verb, String argument, AdminUser user) {
        String word = verb.toLowerCase(Locale.ROOT);
        if (word.equals("show") || word.equals("select")) {
            return show(text, argument.toLowerCase(Locale.ROOT));
        } else if (word.equals("pause") || word.equals("resume")) {
            return user.isAdmin() ? pools(word, argument.isEmpty() ? null : argument) : completed(accessNeeded());
        }
        boolean refused = ADMIN_VERBS.contains(word) && !user.isAdmin();
        return completed(refused ? accessNeeded() : invalid(text));
    }

    private CompletionStage<AdminResult> switchover(@Nullable String cluster, @Nullable String member, AdminUser user) {
        if (!user.isAdmin()) {
            return completed(accessNeeded());
        }
        return powers.clusters()
                .switchover(cluster, member)
                .thenApply(said -> said.severity() == PgError.Severity.NOTICE
                        ? new AdminResult.Notice(said, "SWITCHOVER")
                        : new AdminResult.Failed(said));
    }

    private CompletionStage<AdminResult> pools(String word, @Nullable String database) {
        CompletionStage<@Nullable PgError> done = word.equals("pause")
                ? powers.pools().pause(database)
                : powers.pools().resume(database);
        return done.thenApply(error ->
                error == null ? new AdminResult.Done(word.toUpperCase(Locale.ROOT)) : new AdminResult.Failed(error));
    }

    private CompletionStage<AdminResult> show(String text, String what) {
        ShowCommand command = shows.find(what);
        if (command == null) {
            return completed(invalid(text));
        }
        return switch (command) {
            case ShowCommand.Fixed(AdminResult result) -> completed(result);
            case ShowCommand.FromState from ->
                snapshot(from)
                        .<AdminResult>thenApplyAsync(from.table()::result, renderer)
                        .exceptionally(this::noSnapshot);
        };
    }

    private CompletableFuture<ProxySnapshot> snapshot(ShowCommand.FromState command) {
        return state.snapshot(command.detail())
                .toCompletableFuture()
                .copy()
                .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private AdminResult noSnapshot(Throwable failure) {
        boolean late = failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException;
        String text =
                late ? "the workers did not answer within " + limit.toMillis() + " ms" : "the workers failed to answer";
        return new AdminResult.Failed(PgError.error(SqlState.INTERNAL_ERROR, text));
    }

    private static AdminResult set(String key, AdminUser user) {
        if (FakeSettings.value(key) != null) {
            return new AdminResult.Notice(PgError.notice("SET ignored"), "SET");
        }
        return user.isAdmin()
                ? new AdminResult.Failed(PgError.error(SqlState.SYNTAX_ERROR, "SET failed"))
                : accessNeeded();
    }

    private static AdminResult accessNeeded() {
        return new AdminResult.Failed(PgError.error(SqlState.INSUFFICIENT_PRIVILEGE, "admin access needed"));
    }

    private static AdminResult invalid(String text) {
        return new AdminResult.Failed(
                PgError.error(SqlState.SYNTAX_ERROR, "invalid command '" + text.strip() + "', use SHOW HELP;"));
    }

    private static CompletionStage<AdminResult> completed(AdminResult result) {
        return CompletableFuture.completedFuture(result);
    }
}
