package dev.trunkline.pooler.statement;

/**
 * The statements whose texts mean the same, because their clients have the same settings as far as a Parse depends on them.
 * Loop-confined.
 */
final class StatementSpace {
    final byte[] context;
    final ByteMap<Prepared> byDefinition = new ByteMap<>();
    /** How many clients are in it. */
    int clients;

    StatementSpace(byte[] context) {
        this.context = context;
    }

    boolean isAbandoned() {
        return clients == 0 && byDefinition.size() == 0;
    }
}
