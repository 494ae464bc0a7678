package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.reads.RouteHint;
import dev.trunkline.router.sql.SessionEffects;
import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.TxIntent;
import dev.trunkline.server.state.RouteReason;
import dev.trunkline.wire.FrameCursor;
import dev.trunkline.wire.PgError;
import org.jspecify.annotations.Nullable;

/**
 * Chooses for which kind of server a transaction is that begins with the client's current frame, and says why. Loop-confined; what
 * it says holds until the next choice.
 *
 * <p>In order: what the configuration leaves no choice about; a comment; the session's {@code trunkline.route}; what the
 * transaction says of itself; the session's default; and with {@code read_routing: auto} the proof that all of it reads.
 */
final class RouteChooser {
    private final FrameCursor cursor;
    private final Relay relay;
    private final SessionTraits traits;
    private final Intents intents;
    private final BatchTexts texts;
    private final RouteSettings settings = new RouteSettings();

    private Checkout.Wish wish = Checkout.Wish.LEADER;
    private RouteReason reason = RouteReason.UNPROVEN;
    private @Nullable PgError refusal;

    RouteChooser(ClientSide client, Intents intents, BatchTexts texts) {
        this.cursor = client.cursor();
        this.relay = client.relay();
        this.traits = client.traits();
        this.intents = intents;
        this.texts = texts;
    }

    /**
     * Chooses.
     *
     * @param effects what the current frame may leave in the session
     * @param wished the client's parameters
     * @param backslash how its strings are read
     */
    void choose(SessionEffects effects, Parameters wished, SqlLexer.Backslash backslash) {
        settings.follow(wished);
        refusal = null;
        switch (traits.destination()) {
            case LEADER -> becomes(Checkout.Wish.LEADER, RouteReason.CONFIGURED);
            case REPLICA ->
                becomes(traits.wish(intents.of(cursor, relay), settings.readOnly()), RouteReason.CONFIGURED);
            case BY_TRANSACTION, BY_STATEMENT -> byText(effects, backslash);
        }
    }

    Checkout.Wish wish() {
        return wish;
    }

    RouteReason reason() {
        return reason;
    }

    /** Why the transaction must not begin at all; null if it may. */
    @Nullable
    PgError refusal() {
        return refusal;
    }

    private void byText(SessionEffects effects, SqlLexer.Backslash backslash) {
        TxIntent intent = intents.of(cursor, relay);
        boolean proves = intent == TxIntent.OTHER && isProving(effects);
        boolean reads = proves && texts.reads(cursor, backslash);
        if (!proves && intents.mayHint()) {
            texts.readHint(cursor, relay, backslash);
        }
        boolean decided = (proves || intents.mayHint()) && byHint();
        if (!decided) {
            bySession(intent, reads);
        }
    }

    private void bySession(TxIntent intent, boolean reads) {
        if (settings.asked() == RouteSettings.Asked.LEADER) {
            becomes(Checkout.Wish.LEADER, RouteReason.HINT);
        } else if (isOnlyForLeader(intent)) {
            becomes(Checkout.Wish.LEADER, RouteReason.EXPLICIT);
        } else if (intent == TxIntent.BEGIN_READ_ONLY) {
            becomes(Checkout.Wish.REPLICA, RouteReason.EXPLICIT);
        } else if (settings.asked() == RouteSettings.Asked.REPLICA) {
            becomes(bySettings(intent), RouteReason.HINT);
        } else if (settings.readOnly() == SessionTraits.ReadOnlyDefault.ON && !settings.isSerializable()) {
            becomes(bySettings(intent), RouteReason.SESSION_DEFAULT);
        } else {
            becomes(
                    reads ? Checkout.Wish.REPLICA : Checkout.Wish.LEADER,
                    reads ? RouteReason.PROVEN : RouteReason.UNPROVEN);
        }
    }

    /** A standby cannot be serializable, whether the transaction says that it is to be or the session. */
    private boolean isOnlyForLeader(TxIntent intent) {
        return intent == TxIntent.BEGIN_READ_WRITE
                || intent.isSerializable()
                || (intent == TxIntent.BEGIN_READ_ONLY && settings.isSerializable());
    }

    /** Who has chosen replicas must be able to choose otherwise while there is none. */
    private static Checkout.Wish bySettings(TxIntent intent) {
        return intent.isAboutRouting() ? Checkout.Wish.ANY : Checkout.Wish.REPLICA;
    }

    /** What the session wants of it would make the proof worthless: its own settings, or state that the text leaves. */
    private boolean isProving(SessionEffects effects) {
        boolean auto = settings.asked() == RouteSettings.Asked.AUTO
                || (settings.asked() == RouteSettings.Asked.DEFAULT
                        && traits.destination() == SessionTraits.Destination.BY_STATEMENT);
        return auto && effects.isNone() && settings.allowProof();
    }

    private boolean byHint() {
        refusal = texts.hints().refusal();
        RouteHint asked = texts.hints().asked();
        if (asked != RouteHint.LEADER && asked != RouteHint.REPLICA) {
            return refusal != null;
        }
        becomes(asked == RouteHint.REPLICA ? Checkout.Wish.REPLICA : Checkout.Wish.LEADER, RouteReason.HINT);
        return true;
    }

    private void becomes(Checkout.Wish newWish, RouteReason newReason) {
        wish = newWish;
        reason = newReason;
    }
}
