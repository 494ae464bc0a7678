package dev.trunkline.router.reads;

import java.util.List;

/** Why a text that has a certain name in it, wherever it stands, is not proven to read. */
enum Hazard {
    VIEW(1 << 16, ReadVerdict.Kind.RELATION, "view"),
    /** Of those in pg_catalog. */
    SYSTEM_VIEW(1 << 17, ReadVerdict.Kind.SERVER_STATE, "view"),
    /** What it says of itself is ahead on a replica. */
    SEQUENCE(1 << 18, ReadVerdict.Kind.RELATION, "sequence"),
    /** Also one that inherits to such a table. A replica cannot read it. */
    UNLOGGED(1 << 19, ReadVerdict.Kind.RELATION, "unlogged table"),
    FOREIGN(1 << 20, ReadVerdict.Kind.RELATION, "foreign table"),
    /** The condition of its row security is not proven. */
    POLICY(1 << 21, ReadVerdict.Kind.RELATION, "policy on"),
    /** A domain whose constraint is not proven, a type that is made of such, or one with a cast that is not. */
    TYPE(1 << 22, ReadVerdict.Kind.RELATION, "type"),
    /** Called as if it were a column: {@code t.f} is {@code f(t)}. */
    NOTATION(1 << 23, ReadVerdict.Kind.VOLATILE_FUNCTION, "function"),
    TEMPORARY(1 << 24, ReadVerdict.Kind.SERVER_STATE, "schema");

    private static final List<Hazard> ALL = List.of(values());
    /** The bits of all of them, which no other flag has. */
    static final int ANY = -(1 << 16);

    private final int bit;
    private final ReadVerdict.Kind kind;
    private final String noun;

    Hazard(int bit, ReadVerdict.Kind kind, String noun) {
        this.bit = bit;
        this.kind = kind;
        this.noun = noun;
    }

    int bit() {
        return bit;
    }

    /** The verdict on a text that has this name in it, by the first of the hazards in these flags. */
    static ReadVerdict verdict(int flags, String name) {
        return ALL.stream()
                .filter(each -> (flags & each.bit) != 0)
                .map(each -> new ReadVerdict(each.kind, each.noun + " " + name))
                .findFirst()
                .orElseThrow();
    }
}
