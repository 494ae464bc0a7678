package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import org.jspecify.annotations.Nullable;

/**
 * What is put right in the answer to a request whose text the proxy has changed, so that the client reads the answer to its
 * own text. Immutable.
 *
 * @param refusal what the client is told instead of whatever error comes; null if the server's own is right
 * @param tag the tag of CommandComplete that the client expects; null if the server's own is right
 * @param from where the changed piece begins in the text, in characters, counted from 1 as error positions are
 * @param shift by how many characters the piece that was sent is longer than the client's; may be negative
 */
public record Retouch(@Nullable PgError refusal, @Nullable String tag, int from, int shift) {
    /** Another tag, for a text that is as long as the client's, or whose errors have no position. */
    public static Retouch tag(String tag) {
        return new Retouch(null, tag, 1, 0);
    }

    /** For a text that was made to fail, so that the server ends the transaction as it does after any error. */
    public static Retouch refusal(PgError error) {
        return new Retouch(error, null, 1, 0);
    }

    /** The text was made longer at one place. */
    public static Retouch moved(int from, int shift) {
        return new Retouch(null, null, from, shift);
    }

    /** The position of an error is counted in the client's text again. */
    PgError error(PgError error) {
        if (refusal != null) {
            return refusal;
        }
        String position = error.field(PgError.Field.POSITION);
        if (shift == 0 || position == null) {
            return error;
        }
        try {
            int sent = Integer.parseInt(position);
            int own = sent <= from ? sent : Math.max(from, sent - shift);
            return error.with(PgError.Field.POSITION, Integer.toString(own));
        } catch (NumberFormatException _) {
            return error;
        }
    }
}
