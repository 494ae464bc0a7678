package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Retouch;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.statement.ClientStatements;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.FrontendType;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.ProtocolViolation;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a client's current frame: it is answered here, held back, refused, or sent to the server connection that
 * the client has or is now given. Loop-confined.
 *
 * <p>It owns what is read of the frames for that: what they want, what they may leave in the session, and in which context a text
 * is read. Cursor, relay and connection are the session's.
 */
final class Dispatcher {
    private final FrameCursor cursor;
    private final ClientStatements statements;
    private final Relay relay;
    private final Batch batch;
    private final ServerSide servers;
    private final ListenGate listens;
    private final Stall stall;
    private final SessionClock clock;
    private final FirstBatch first;
    private final ProvenRead proven;
    private final RouteNotes notes;
    private final RouteChooser chooser;
    private final EffectReader reader;
    private final StatementContext context;

    Dispatcher(
            ClientSide client,
            SessionHome home,
            Batch batch,
            ServerSide servers,
            ListenGate listens,
            Stall stall,
            SessionClock clock,
            RouteSide routes) {
        this.cursor = client.cursor();
        this.statements = client.statements();
        this.relay = client.relay();
        this.batch = batch;
        this.servers = servers;
        this.listens = listens;
        this.stall = stall;
        this.clock = clock;
        this.first = routes.first();
        this.proven = routes.proven();
        this.notes = routes.notes();
        this.chooser = new RouteChooser(client, home.readers().intents(), routes.texts());
        this.reader = new EffectReader(home.scanner());
        this.context = new StatementContext(statements, home.welcome());
    }

    /**
     * Deals with the current frame, or leaves it where it is if it has to wait; {@link Stall#isOn} says so.
     *
     * @throws ProtocolViolation if it is malformed or must not come now
     */
    void dispatch() {
        ServerConnection held = servers.server();
        if ((held == null || batch.isIgnoring()) && batch.handles(cursor.type())) {
            return;
        }
        PgError malformed = Bodies.refusal(cursor);
        if (held == null && malformed != null) {
            refuse(malformed);
            return;
        }
        if (held != null && waitsForAnswers(held, malformed == null)) {
            stall.forAnswers();
            return;
        }
        if (servers.hold().isOn() && mayBegin(cursor.type())) {
            stall.forHold();
            clock.waiting();
            // One that was in the pool's line when it was kept out has been lent a connection, of which it has no use
            // now.
            servers.giveBackIfDone();
            return;
        }
        if (held != null && malformed != null) {
            sendMalformed(held, malformed);
            return;
        }
        if (!listens.admits()) {
            clock.waiting();
            return;
        }
        context.follow(servers.wished());
        SessionEffects effects = effects();
        if (held == null) {
            begin(effects);
        } else {
            send(held, effects);
        }
    }

    private boolean waitsForAnswers(ServerConnection held, boolean wellFormed) {
        boolean uncertain = wellFormed && relay.mustWait(held);
        if (uncertain) {
            first.drop();
        }
        return uncertain || isForAnother(held);
    }

    /**
     * True if the current frame begins another transaction than that for which the client was lent a replica, and may have to go to
     * another server: what is still owed there is the end of a proven read, or an answer to the proxy itself.
     */
    private boolean isForAnother(ServerConnection held) {
        boolean over = proven.isSent() || (!clock.isInTransaction() && servers.isLentReplica());
        return over && !held.isAtBoundary();
    }

    /** True of all but what goes on with something, or ends it. */
    private static boolean mayBegin(byte type) {
        return switch (type) {
            case FrontendType.COPY_DATA,
                    FrontendType.COPY_DONE,
                    FrontendType.COPY_FAIL,
                    FrontendType.SYNC,
                    FrontendType.FLUSH -> false;
            default -> true;
        };
    }

    /** Writes what was sent; the caller flushes. */
    void push() {
        ServerConnection server = servers.server();
        if (server != null) {
            relay.push(server);
            first.pushed();
        }
    }

    /** Flushes what was written for the server, and what was answered here. */
    void flush() {
        ServerConnection server = servers.server();
        if (server != null) {
            server.flush();
        }
        batch.flush();
    }

    private SessionEffects effects() {
        SessionEffects read = stall.effects();
        if (read != null) {
            return read;
        }
        return servers.keeper().isTracking() ? reader.of(cursor, context.backslash(), relay) : SessionEffects.NONE;
    }

    /** The client has no server connection, which most frames need. */
    private void begin(SessionEffects effects) {
        PgError refusal = refusal(effects);
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        if (closes() || parses(effects)) {
            servers.keeper().note(effects);
            return;
        }
        chooser.choose(effects, servers.wished(), context.backslash());
        PgError badHint = chooser.refusal();
        if (badHint != null) {
            refuse(badHint);
            return;
        }
        if (servers.hold().forbids(chooser.wish())) {
            stall.forServer(effects);
            stall.forHold();
            clock.waiting();
            return;
        }
        ServerConnection server = servers.acquire(chooser.wish(), chooser.reason());
        if (server == null) {
            stall.forServer(effects);
        } else {
            send(server, effects);
        }
    }

    /** A Close must not choose the server: drivers send it in front of the BEGIN that says where to go. */
    private boolean closes() {
        if (cursor.type() != FrontendType.CLOSE || !relay.closesWithoutServer()) {
            return false;
        }
        batch.closed();
        return true;
    }

    /** A Parse of a proven text needs no server: a client may wait for its answer before it lets another one go on. */
    private boolean parses(SessionEffects effects) {
        if (cursor.type() != FrontendType.PARSE
                || servers.keeper().settingBack(effects) != null
                || OwnSetting.showing(effects) != null
                || !relay.parsesWithoutServer()) {
            return false;
        }
        batch.parsed();
        return true;
    }

    /** Answers the current frame here. */
    private void refuse(PgError why) {
        servers.count(why);
        batch.refuse(why);
    }

    /** Why the session must not run what leaves this; null if it may. */
    private @Nullable PgError refusal(SessionEffects effects) {
        if (effects.isNone()) {
            return null;
        }
        PgError refusal = OwnSetting.refusal(effects);
        return refusal == null ? servers.keeper().refusal(effects) : refusal;
    }

    /** Something is about to be sent. */
    private void begins() {
        stall.served();
        if (clock.sent()) {
            notes.kept(servers.pool());
        }
    }

    private void send(ServerConnection server, SessionEffects effects) {
        begins();
        if (servers.writes().isReading()) {
            servers.writes().sees(cursor, relay);
        }
        if (cursor.type() == FrontendType.QUERY && server.replies().isBatchOpen()) {
            servers.keeper().halfBegins();
        }
        PgError refusal = refusal(effects);
        if (refusal != null) {
            first.drop();
            // A transaction may be open, which the server has to end, as after any error.
            relay.deny(server, refusal);
            return;
        }
        proven.sends(cursor.type());
        if (effects.isNone()) {
            first.sees(cursor);
            pass(server);
        } else {
            first.drop();
            sendStateful(server, effects);
        }
    }

    private void sendMalformed(ServerConnection server, PgError malformed) {
        first.drop();
        begins();
        proven.sends(cursor.type());
        if (cursor.isWhole()) {
            relay.sendMalformed(server);
        } else {
            // What it is about is not known: a server must not see it, to which the names are another client's.
            relay.deny(server, malformed);
        }
    }

    private void sendStateful(ServerConnection server, SessionEffects effects) {
        StateKeeper keeper = servers.keeper();
        keeper.forgetSequencesOfOthers(effects, server);
        keeper.note(effects);
        notes.sees(effects);
        if (effects.scope().contains(SessionEffects.Scope.RELEASE)) {
            statements.mayRelease(server.statements());
        }
        if (isReplaced(server, effects)) {
            return;
        }
        boolean restores = cursor.type() == FrontendType.QUERY && keeper.restores(effects, server);
        pass(server);
        if (restores) {
            relay.push(server);
            keeper.restore(server);
        }
    }

    private @Nullable String settingBack(ServerConnection server, SessionEffects effects) {
        StateKeeper keeper = servers.keeper();
        return cursor.type() == FrontendType.QUERY ? keeper.settingBack(effects, server) : keeper.settingBack(effects);
    }

    /**
     * True if the current frame was about a RESET of one parameter, and the server is told the value, or a SHOW of what only the proxy
     * knows, and the server is asked in other words.
     */
    private boolean isReplaced(ServerConnection server, SessionEffects effects) {
        String shown = OwnSetting.showing(effects);
        String instead = shown == null ? settingBack(server, effects) : shown;
        if (instead == null) {
            return false;
        }
        String word = effects.what().startsWith("RESET") ? "RESET" : "SET";
        Retouch retouch = Retouch.tag(shown == null ? word : "SHOW");
        switch (cursor.type()) {
            case FrontendType.QUERY -> relay.sendInstead(server, instead, retouch);
            case FrontendType.PARSE -> relay.parseInstead(server, instead);
            case FrontendType.BIND -> relay.bindInstead(server, retouch);
            default -> throw Relay.unexpected(cursor.type());
        }
        return true;
    }

    private void pass(ServerConnection server) {
        relay.send(server);
        listens.sent(server);
    }
}
