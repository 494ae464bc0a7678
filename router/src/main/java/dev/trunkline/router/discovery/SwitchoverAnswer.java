package dev.trunkline.router.discovery;

/** What came of asking Patroni for a switchover. */
public sealed interface SwitchoverAnswer {
    /** One sentence, Patroni's own where it said one. */
    String text();

    /** Patroni says that it is done. */
    record Done(String text) implements SwitchoverAnswer {}

    /** It certainly does not happen: Patroni refuses, has tried in vain, or was not reached. */
    record Refused(String text) implements SwitchoverAnswer {}

    /** Patroni was asked, and what it did is not known: it may happen yet. */
    record InDoubt(String text) implements SwitchoverAnswer {}
}
