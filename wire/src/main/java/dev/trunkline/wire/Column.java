package dev.trunkline.wire;

/**
 * One column of a result that the proxy makes itself, in text format.
 *
 * @param name as the client shows it
 * @param typeOid object identifier of the type, as in the catalog pg_type
 * @param typeSize bytes of a value, or -1 if it varies
 */
public record Column(String name, int typeOid, int typeSize) {
    private static final int TEXT_OID = 25;
    private static final int INT4_OID = 23;
    private static final int INT8_OID = 20;

    /** A column of the type text. */
    public static Column text(String name) {
        return new Column(name, TEXT_OID, -1);
    }

    /** A column of the type integer. */
    public static Column int4(String name) {
        return new Column(name, INT4_OID, 4);
    }

    /** A column of the type bigint. */
    public static Column int8(String name) {
        return new Column(name, INT8_OID, 8);
    }
}
