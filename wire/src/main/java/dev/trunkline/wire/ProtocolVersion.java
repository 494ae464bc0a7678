package dev.trunkline.wire;

/**
 * The minor versions of protocol 3 that are spoken here. They differ in the length of cancel keys only.
 *
 * <p>There is no 3.1: it was skipped, because old poolers say that they speak it. PostgreSQL 18 takes a client that asks for it
 * as it is, and treats it as one of 3.0. Source: PostgreSQL manual, "Protocol Versions".
 */
public enum ProtocolVersion {
    V3_0(0, 4),
    V3_2(2, 32);

    /** The newest. */
    public static final ProtocolVersion LATEST = V3_2;

    private static final int MAJOR = 3 << 16;

    private final int minor;
    private final int keyLength;

    ProtocolVersion(int minor, int keyLength) {
        this.minor = minor;
        this.keyLength = keyLength;
    }

    /** What is spoken with a client that asks for this minor version, 0 or more: the newest that is not newer. */
    public static ProtocolVersion forClient(int minor) {
        return minor >= V3_2.minor ? V3_2 : V3_0;
    }

    public int minor() {
        return minor;
    }

    /** The version as messages carry it: major in the upper half, minor in the lower. */
    public int word() {
        return MAJOR | minor;
    }

    /** How many bytes a cancel key has that PostgreSQL gives to a client of this version. */
    public int keyLength() {
        return keyLength;
    }
}
