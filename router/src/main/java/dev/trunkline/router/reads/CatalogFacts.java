package dev.trunkline.router.reads;

import dev.trunkline.router.sql.SqlLexer;
import dev.trunkline.router.sql.WordTable;
import java.util.List;

/**
 * What the catalog of one database says of names that may stand in a text, and which of them are key words. Immutable.
 *
 * <p>Built by {@link CatalogReading} from the rows of {@link CatalogQuery}. Names count without their schemas, in any case of their
 * letters: what is said of one is true of at least one of those that are called so, and it is said if it is a reason for doubt.
 */
public final class CatalogFacts {
    /** Nothing is known, so nothing is proven. */
    public static final CatalogFacts NONE = missing(0, "the catalog has not been read");

    /** What was known may hold no longer, so nothing is proven. */
    public static final CatalogFacts CHANGED =
            missing(Long.MAX_VALUE, "the catalog has changed and is being read again");

    private final long epoch;
    private final String missing;
    private final WordTable names;
    /** For each name the bits of {@link Keywords}, {@link Functions} and {@link Hazard}. */
    private final int[] flags;

    private final OtherNames others;

    /**
     * What is not found by its name.
     *
     * @param operators the names of those with volatile functions
     * @param hasOtherLetters a name with a hazard is not of ASCII letters, so that its bytes depend on the client's encoding
     */
    record OtherNames(List<String> operators, boolean hasOtherLetters) {
        static final OtherNames NONE = new OtherNames(List.of(), false);
    }

    private CatalogFacts(long epoch, String missing, WordTable names, int[] flags, OtherNames others) {
        this.epoch = epoch;
        this.missing = missing;
        this.names = names;
        this.flags = flags;
        this.others = others;
    }

    /** Facts that prove nothing, and why that is so. */
    public static CatalogFacts missing(long epoch, String why) {
        int[] flags = new int[Keywords.ALL.size()];
        for (int place = 0; place < flags.length; place++) {
            flags[place] = Keywords.flags(place);
        }
        return new CatalogFacts(epoch, why, new WordTable(Keywords.ALL), flags, OtherNames.NONE);
    }

    /**
     * @param names the key words first
     * @param flags of each name
     */
    static CatalogFacts of(long epoch, WordTable names, int[] flags, OtherNames others) {
        return new CatalogFacts(epoch, "", names, flags, others);
    }

    /** A number that other facts of the same database do not have; 0 if nothing was ever known. */
    public long epoch() {
        return epoch;
    }

    /** False if nothing can be proven by these facts. */
    public boolean isKnown() {
        return missing.isEmpty();
    }

    /** Why nothing is known; empty if these are facts. */
    public String missing() {
        return missing;
    }

    /** How many names are known, key words included. */
    public int size() {
        return flags.length;
    }

    /** The place of the name that the lexer's current token is, or -1. Places of key words are those of {@link Keywords}. */
    int find(SqlLexer lexer) {
        return lexer.findName(names);
    }

    int flags(int place) {
        return flags[place];
    }

    /** True if the lexer's current token is not all of ASCII letters, and a name with a hazard is not either: it may be that name. */
    boolean doubtsLetters(SqlLexer lexer) {
        return others.hasOtherLetters() && !isAscii(lexer);
    }

    private static boolean isAscii(SqlLexer lexer) {
        for (int i = 0; i < lexer.length(); i++) {
            if (lexer.byteAt(i) < 0) {
                return false;
            }
        }
        return true;
    }

    List<String> volatileOperators() {
        return others.operators();
    }
}
