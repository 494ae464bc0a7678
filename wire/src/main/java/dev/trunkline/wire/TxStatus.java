package dev.trunkline.wire;

/** The transaction status that ReadyForQuery reports. */
public enum TxStatus {
    IDLE('I'),
    IN_TRANSACTION('T'),
    FAILED('E');

    private final byte code;

    TxStatus(char code) {
        this.code = (byte) code;
    }

    /** The byte on the wire. */
    public byte code() {
        return code;
    }

    /**
     * Reads the byte of a ReadyForQuery. A pooler must not guess: any other byte is an error.
     *
     * @throws ProtocolViolation if the byte is none of I, T and E
     */
    public static TxStatus of(byte code) {
        return switch (code) {
            case 'I' -> IDLE;
            case 'T' -> IN_TRANSACTION;
            case 'E' -> FAILED;
            default -> throw new ProtocolViolation("invalid transaction status " + (code & 0xff) + " in ReadyForQuery");
        };
    }
}
