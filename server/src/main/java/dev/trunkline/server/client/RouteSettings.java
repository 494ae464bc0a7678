package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.router.reads.ReadClassifier;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client's settings say of where its transactions go, looked up when its parameters change and not for each transaction.
 * Loop-confined.
 */
final class RouteSettings {
    private @Nullable Parameters seen;
    private SessionTraits.ReadOnlyDefault readOnly = SessionTraits.ReadOnlyDefault.OFF;
    private boolean serializable;
    private boolean proving = true;
    private Asked asked = Asked.DEFAULT;

    /** The client's {@code trunkline.route}. */
    enum Asked {
        /** As configured. */
        DEFAULT,
        LEADER,
        REPLICA,
        /** What is proven to read goes to a replica. */
        AUTO
    }

    /** These are the client's parameters now. Usually the same object as before, so that a look is one comparison. */
    void follow(Parameters wished) {
        if (wished.equals(seen)) {
            return;
        }
        seen = wished;
        readOnly = "on".equals(wished.get("default_transaction_read_only"))
                ? SessionTraits.ReadOnlyDefault.ON
                : SessionTraits.ReadOnlyDefault.OFF;
        String encoding = wished.get("client_encoding");
        serializable = "serializable".equalsIgnoreCase(wished.get("default_transaction_isolation"));
        proving = !serializable && (encoding == null || ReadClassifier.canRead(encoding));
        asked = asked(wished.get(OwnSetting.ROUTE.key()));
    }

    /** The session's default_transaction_read_only. */
    SessionTraits.ReadOnlyDefault readOnly() {
        return readOnly;
    }

    /** True if the session's transactions are serializable unless they say otherwise, which a standby cannot be. */
    boolean isSerializable() {
        return serializable;
    }

    /**
     * False if no text of the session may be taken for a read: its transactions are serializable, which a standby cannot do, or its
     * encoding has characters with bytes that look like quotes.
     */
    boolean allowProof() {
        return proving;
    }

    Asked asked() {
        return asked;
    }

    /** What could not be checked when it was set, and means nothing, is as if it was not set. */
    private static Asked asked(@Nullable String value) {
        return switch (value == null ? "" : value.toLowerCase(Locale.ROOT)) {
            case "leader" -> Asked.LEADER;
            case "replica" -> Asked.REPLICA;
            case "auto" -> Asked.AUTO;
            default -> Asked.DEFAULT;
        };
    }
}
