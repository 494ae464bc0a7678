package dev.trunkline.pooler.pool;

import java.util.List;

/**
 * The limits that all connections of a pool count under, besides the pool's own: none, one, or several at once, as a
 * limit of the database and one of the user. Immutable; the limits themselves are shared by pools of any loop.
 *
 * <p>Pools that share several limits should name them in the same order, because they take them in that order.
 */
public record Permits(List<PermitLimit> limits) {
    private static final Permits UNLIMITED = new Permits(List.of());

    public Permits {
        limits = List.copyOf(limits);
    }

    /** No limit but the pool's own. */
    public static Permits unlimited() {
        return UNLIMITED;
    }

    /** A connection needs a permit of each of {@code limits}. */
    public static Permits of(PermitLimit... limits) {
        return new Permits(List.of(limits));
    }
}
