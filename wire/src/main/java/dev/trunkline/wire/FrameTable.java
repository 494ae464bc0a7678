package dev.trunkline.wire;

import java.util.Arrays;

/**
 * Says for each type byte of one direction how much of a frame a decision reads: all of it, its head, or only its header.
 * Immutable.
 */
public final class FrameTable {
    private static final int UNKNOWN = -1;
    private static final int WHOLE = Integer.MAX_VALUE;

    private final String peer;
    private final int[] needed;
    /** What the length of each type may be at most, whatever the limits of a connection allow. */
    private final int[] most;

    private FrameTable(String peer, int[] needed, int[] most) {
        this.peer = peer;
        this.needed = needed;
        this.most = most;
    }

    /** Starts a table; {@code peer} names the sender in error texts ("client" or "server"). */
    public static Builder builder(String peer) {
        return new Builder(peer);
    }

    /** Who sends these frames: "client" or "server". */
    public String peer() {
        return peer;
    }

    boolean knows(byte type) {
        return needed[type & 0xff] != UNKNOWN;
    }

    /** How many of {@code bodyLength} bytes must have arrived before a frame of this type is shown to its reader. */
    int needed(byte type, int bodyLength) {
        return Math.min(needed[type & 0xff], bodyLength);
    }

    /** What the length of a frame of this type may be at most; of one that is gathered whole it is memory that a peer can claim. */
    int most(byte type, FrameLimits limits) {
        int index = type & 0xff;
        return Math.min(most[index], needed[index] == WHOLE ? limits.maxWhole() : limits.maxFrame());
    }

    /** Builds a {@link FrameTable}; a type that is not named is refused by the cursor. */
    public static final class Builder {
        private final String peer;
        private final int[] needed = new int[256];
        private final int[] most = new int[256];

        private Builder(String peer) {
            this.peer = peer;
            Arrays.fill(needed, UNKNOWN);
            Arrays.fill(most, Integer.MAX_VALUE);
        }

        /** Shown when every byte of the frame is there. */
        public Builder whole(byte type) {
            return set(type, WHOLE);
        }

        /** Shown when the first {@code bytes} bytes of the body (or all of a shorter one) are there. */
        public Builder head(byte type, int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("the head of a frame cannot have " + bytes + " bytes");
            }
            return set(type, bytes);
        }

        /** Shown as soon as type and length are there; the body passes unread. */
        public Builder bulk(byte type) {
            return set(type, 0);
        }

        /** Frames of these types, which are named before, have no greater length than {@code length}. */
        public Builder atMost(int length, byte... types) {
            for (byte type : types) {
                most[type & 0xff] = length;
            }
            return this;
        }

        public FrameTable build() {
            return new FrameTable(peer, needed.clone(), most.clone());
        }

        private Builder set(byte type, int bytes) {
            needed[type & 0xff] = bytes;
            return this;
        }
    }
}
