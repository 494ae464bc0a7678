package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is put right in the answer to a request whose text the proxy has changed, so that the client reads the answer to its
 * own text. Immutable.
 *
 * @param refusal what the client is told instead of whatever error comes; null if the server's own is right
 * @param tag the tag of CommandComplete that the client expects; null if the server's own is right
 * @param pieces where the text was changed, from its begin to its end
 */
public record Retouch(@Nullable PgError refusal, @Nullable String tag, List<Piece> pieces) {
    /**
     * A piece of the text that was replaced.
     *
     * @param from where it begins in the client's text, in characters, counted from 1 as error positions are
     * @param shift by how many characters what was sent is longer than the client's; may be negative
     * @param statement the number of a statement of the proxy's own that it adds, counted from 1 in what was sent; 0 for none
     */
    public record Piece(int from, int shift, int statement) {
        int own(int sent) {
            return sent <= from ? sent : Math.max(from, sent - shift);
        }
    }

    public Retouch {
        pieces = List.copyOf(pieces);
    }

    /** Another tag, for a text that is as long as the client's, or whose errors have no position. */
    public static Retouch tag(String tag) {
        return new Retouch(null, tag, List.of());
    }

    /** For a text that was made to fail, so that the server ends the transaction as it does after any error. */
    public static Retouch refusal(PgError error) {
        return new Retouch(error, null, List.of());
    }

    /** The text was made longer at one place. */
    public static Retouch moved(int from, int shift) {
        return changed(List.of(new Piece(from, shift, 0)));
    }

    /** The text was changed at these places, from its begin to its end. */
    public static Retouch changed(List<Piece> pieces) {
        return new Retouch(null, null, pieces);
    }

    /** True if the statement with this number, counted from 1 in what was sent, is the proxy's own. */
    boolean hides(int statement) {
        return pieces.stream().anyMatch(piece -> piece.statement() == statement);
    }

    /** What the client is told in place of this error: its position is counted in the client's text again. */
    public PgError error(PgError error) {
        if (refusal != null) {
            return refusal;
        }
        String position = error.field(PgError.Field.POSITION);
        if (pieces.isEmpty() || position == null) {
            return error;
        }
        try {
            int own = Integer.parseInt(position);
            for (Piece piece : pieces) {
                own = piece.own(own);
            }
            return error.with(PgError.Field.POSITION, Integer.toString(own));
        } catch (NumberFormatException _) {
            return error;
        }
    }
}
