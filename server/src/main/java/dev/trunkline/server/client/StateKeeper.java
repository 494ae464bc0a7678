package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Holder;
import dev.trunkline.pooler.backend.ParameterChanges;
import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.router.pools.RoutedPool;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.router.sql.Trace;
import dev.trunkline.server.state.DatabaseCounters;
import dev.trunkline.wire.PgError;
import dev.trunkline.wire.SqlState;
import dev.trunkline.wire.TxStatus;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a session's state together while its transactions run on one server connection and another: gives each connection the
 * client's settings, finds out what a transaction has left, and decides if the client has to keep its connection.
 * Loop-confined.
 */
final class StateKeeper implements Keeping {
    private static final Logger LOG = LoggerFactory.getLogger(StateKeeper.class);

    private final SessionIdentity identity;
    private final SessionTraits traits;
    private final SessionState state;
    private final StatePolicy policy;
    private final Pins pins = new Pins();
    private final LongSupplier ticker;
    private final HiddenCatalog hidden;
    private final DatabaseCounters counters;
    private final Host host;
    /** DISCARD ALL was carried out, and the server will now report the parameters that it had after its own login. */
    private boolean discarding;
    /** The client has yet to be told that it has its own parameters again, and not the server's. */
    private boolean misled;
    /** What a server is being asked for, while it has not answered. */
    private @Nullable Set<Trace> underQuestion;
    /** The server may have begun a transaction of which it will not know any more. */
    private boolean halfBegun;
    /** The answer may say that the next transaction belongs to another kind of server. */
    private boolean routeOpen;

    StateKeeper(ClientSession.Login login, SessionHome home, Host host) {
        this.identity = login.identity();
        this.traits = login.traits();
        this.state = new SessionState(traits.pool().session().state(), login.parameters());
        this.ticker = home.ticker();
        this.hidden = home.hidden();
        this.counters = home.counters();
        this.host = host;
        this.policy = new StatePolicy(login, host);
    }

    /** What the keeper needs of the session. */
    interface Host {
        /** The connection that the session has now, or null. */
        @Nullable
        ServerConnection server();

        /** Where it is from, or null. */
        @Nullable
        RoutedPool pool();

        /** The parameters that servers report by themselves. */
        Parameters reported();

        /** Tells the client the value of a parameter. */
        void report(String name, String value);

        /** The session cannot go on. */
        void failed(PgError error, CloseCause cause);
    }

    Parameters wished() {
        return state.wished();
    }

    Pins pins() {
        return pins;
    }

    /** True if texts have to be read. */
    boolean isTracking() {
        return traits.tracksState();
    }

    /** A text, or a prepared one, is about to be sent. */
    void note(SessionEffects effects) {
        if (!effects.isNone()) {
            state.note(effects);
            if (effects.scope().contains(SessionEffects.Scope.DEFINES)) {
                hidden.defined(effects.defines());
            }
        }
    }

    /**
     * A simple query is sent in a batch that no Sync has closed. PostgreSQL can then be left with a transaction that its next query
     * fails for with an internal error (XX000, "unexpected state STARTED"), which must not be another client's.
     */
    void halfBegins() {
        halfBegun = true;
    }

    /** What others have drawn from sequences on this connection is no business of this client's. */
    void forgetSequencesOfOthers(SessionEffects effects, ServerConnection server) {
        boolean fresh = server.status() == TxStatus.IDLE && server.replies().isEmpty();
        if (fresh
                && pins.isEmpty()
                && server.hasChangedHands()
                && effects.traces().contains(Trace.SEQUENCE)) {
            server.ask("DISCARD SEQUENCES", error -> {});
        }
    }

    /** True while it is not known where the next transaction belongs: the client's next message has to wait for the answer. */
    boolean isRouteOpen() {
        return routeOpen;
    }

    @Override
    public void keepForNames() {
        keep(Trace.STATEMENTS);
    }

    @Override
    public boolean keepsForNames() {
        return pins.has(Trace.STATEMENTS) || pins.has(Trace.PREPARED_STATEMENT);
    }

    /** True if the session keeps its connection, or has yet to hear from the server if it has to. */
    @Override
    public boolean mayKeep() {
        return !pins.isEmpty() || underQuestion != null || (isTracking() && state.isUnsettled(pins));
    }

    /** True if the session keeps its connection for this, or has yet to hear from the server if it has to. */
    boolean mayKeep(Trace reason) {
        return pins.has(reason)
                || (underQuestion != null && underQuestion.contains(reason))
                || state.suspected().contains(reason);
    }

    /** The session keeps its connection for this from now on, whatever a server says. */
    void keep(Trace reason) {
        Set<Trace> reasons = EnumSet.of(reason);
        reasons.addAll(pins.reasons());
        pin(reasons);
    }

    /** Why the session must not run this; null if it may. */
    @Nullable
    PgError refusal(SessionEffects effects) {
        return effects.leavesState() ? policy.refusal(effects, pins) : null;
    }

    /** Gives the connection the client's settings, in front of whatever it is asked. */
    void dress(ServerConnection granted) {
        Parameters actual = state.withoutDefaults(granted.parameters(), granted.atLogin());
        String changes = ParameterChanges.of(state.wished(), actual, ParameterChanges.OnError.END_SESSION);
        granted.parameters(state.wished());
        if (changes != null) {
            counters.stateReplayed();
            // Only the next one counts, which sets it again: both can be refused only by the same cause.
            granted.ask(ParameterChanges.END_SESSION_ON_ERROR, error -> {});
            granted.ask(changes, error -> {
                if (error != null) {
                    onRefused(granted, error);
                }
            });
        }
    }

    private void onRefused(ServerConnection granted, PgError error) {
        granted.soil(CloseReason.DIRTY);
        if (host.server() == granted) {
            LOG.warn("the parameters of a session could not be set on {}: {}", granted.identity(), error);
            host.failed(
                    PgError.fatal(SqlState.INTERNAL_ERROR, "the parameters of the session could not be set")
                            .detail(error.message()),
                    CloseCause.SESSION_STATE);
        }
    }

    /** The statement that sets one parameter back to what this client began with; null where the server's own way is right. */
    @Nullable
    String settingBack(SessionEffects effects, ServerConnection server) {
        return state.settingBack(effects, server.atLogin());
    }

    /** The same for any server, where it is not known which one will carry it out. */
    @Nullable
    String settingBack(SessionEffects effects) {
        return state.settingBack(effects);
    }

    /**
     * True if a text is about to take from the session what the client began with, outside of a transaction: what the client has
     * sent behind it must not run without, so that {@link #restore} is called between both.
     */
    boolean restores(SessionEffects effects, ServerConnection server) {
        boolean all = effects.scope().contains(SessionEffects.Scope.ALL_SETTINGS)
                || effects.scope().contains(SessionEffects.Scope.WHOLE_SESSION);
        return all
                && server.status() == TxStatus.IDLE
                && !server.replies().isBatchOpen()
                && !server.replies().owesClientReady()
                && !state.beyond(server.atLogin()).isEmpty();
    }

    /** Gives the session what the client began with, behind what the server was sent last. */
    void restore(ServerConnection server) {
        state.settingAllBack();
        server.ask(SettingBack.query(state.beyond(server.atLogin())), error -> {
            if (error == null && host.server() == server) {
                tellRestored(server);
            }
        });
    }

    /** The client was told of the values that the server begins with. */
    private void tellRestored(ServerConnection server) {
        Parameters told = misled ? server.atLogin() : state.wished();
        misled = false;
        server.atLogin().forEach((name, value) -> {
            String now = server.parameters().get(name);
            if (now != null && !now.equals(told.get(name))) {
                state.wish(name, now);
                host.report(name, now);
            }
        });
    }

    void onParameter(String name, String value, ServerConnection server) {
        if (!discarding) {
            state.wish(name, value);
            state.settleOn(server.parameters());
        }
    }

    void onDiscarded(Holder.Discarded what, ServerConnection server) {
        if (what == Holder.Discarded.SESSION) {
            if (state.isBeyondDiscard(pins)) {
                server.soil(CloseReason.SESSION_STATE);
            }
            state.discarded();
            pins.clear();
            discarding = true;
        }
    }

    void onError() {
        state.failed();
    }

    void onReady() {
        misled |= discarding;
        discarding = false;
    }

    /** Puts right what the client was told of its parameters, if that is due. */
    void onReadEnd(ServerConnection server) {
        if (!misled || server.isMidFrame()) {
            return;
        }
        misled = false;
        state.wished().forEach((name, value) -> {
            if (server.atLogin().get(name) != null
                    && !value.equals(server.parameters().get(name))) {
                host.report(name, value);
            }
        });
        if (traits.keepsConnection() || !pins.isEmpty()) {
            dress(server);
            server.flush();
        }
    }

    /**
     * Asks the server what the transaction that has just ended has left, if it may have left anything.
     *
     * @return true if it was asked: the connection stays until it has answered
     */
    boolean settles(ServerConnection server) {
        if (halfBegun && !traits.keepsConnection()) {
            halfBegun = false;
            // It fails if there is something to end, and ends it.
            server.ask("", error -> {});
            server.flush();
            return true;
        }
        if (!isTracking()) {
            return false;
        }
        if (hidden.isDue()) {
            hidden.load(server, () -> {});
            server.flush();
            return true;
        }
        return state.isUnsettled(pins) && asks(server);
    }

    private boolean asks(ServerConnection server) {
        Map<String, String> setBack = state.setBack(server.atLogin());
        if (!setBack.isEmpty()) {
            server.ask(SettingBack.query(setBack), error -> {});
        }
        Set<Trace> assumed = state.assumed(pins);
        Set<Trace> suspected = state.suspected();
        boolean moves = state.mayMoveTransactions();
        StateQuestion question = state.question(server.atLogin(), pins, new StateQuestion.Answer() {
            @Override
            public void told(StateQuestion.Found found) {
                onTold(server, found, assumed);
            }

            @Override
            public void untold(PgError error) {
                onUntold(server, error);
            }
        });
        state.forget();
        if (question.isEmpty()) {
            pin(assumed, Set.of());
            return false;
        }
        counters.stateAsked();
        routeOpen = moves;
        underQuestion = suspected;
        server.ask(question.sql(), question);
        server.flush();
        return true;
    }

    private void onTold(ServerConnection server, StateQuestion.Found found, Set<Trace> assumed) {
        underQuestion = null;
        routeOpen = false;
        if (host.server() != server) {
            return;
        }
        Parameters before = state.wished();
        server.parameters(state.told(found, server));
        // What it was set back to was told to the client, but not what it has got since.
        state.wished().forEach((name, value) -> {
            if (server.atLogin().get(name) != null && !value.equals(before.get(name))) {
                host.report(name, value);
            }
        });
        pin(assumed, found.present());
    }

    /** Nobody knows what is there: the client keeps the connection, which nobody gets after it. */
    private void onUntold(ServerConnection server, PgError error) {
        underQuestion = null;
        routeOpen = false;
        if (host.server() == server) {
            LOG.warn("{} left state on {} that could not be asked for: {}", identity, server.identity(), error);
            pin(EnumSet.of(Trace.UNREAD_TEXT));
        }
    }

    private void pin(Set<Trace> assumed, Set<Trace> present) {
        Set<Trace> reasons = EnumSet.noneOf(Trace.class);
        reasons.addAll(assumed);
        reasons.addAll(present);
        if (state.pinsForSettings()) {
            reasons.add(Trace.SETTING);
        }
        if (state.isLarge()) {
            reasons.add(Trace.LARGE_SETTINGS);
        }
        pin(reasons);
    }

    private void pin(Set<Trace> reasons) {
        pins.become(reasons, host.pool(), ticker.getAsLong());
        if (pins.isNews()) {
            LOG.info("{} keeps its server connection for {}", identity, pins);
        }
    }

    /**
     * The session leaves its connection to somebody who cleans it.
     *
     * @return the statement that cleans it beyond a rollback; empty for none
     */
    String leave(ServerConnection server) {
        Set<Trace> asked = underQuestion;
        boolean unclean = asked != null || halfBegun || (isTracking() && (state.isUnsettled(pins) || !pins.isEmpty()));
        if (unclean && (state.isBeyondDiscard(pins) || (asked != null && SessionState.hasLasting(asked)))) {
            server.soil(CloseReason.SESSION_STATE);
        }
        pins.clear();
        halfBegun = false;
        if (traits.keepsConnection()) {
            return traits.resetQuery();
        }
        return unclean ? "DISCARD ALL" : "";
    }

    /** The connection is lost. */
    void lost() {
        halfBegun = false;
        routeOpen = false;
        pins.clear();
    }
}
