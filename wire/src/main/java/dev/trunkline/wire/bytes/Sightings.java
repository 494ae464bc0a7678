package dev.trunkline.wire.bytes;

/**
 * Tells what comes for the second time, by its hash and within a bound: of two that belong to one place the later one is remembered.
 * Not thread-safe. It takes no memory before the first question.
 */
public final class Sightings {
    private final int places;
    private int[] hashes = {};

    /** @param places how many hashes are remembered at most; a power of two */
    public Sightings(int places) {
        if (Integer.bitCount(places) != 1) {
            throw new IllegalArgumentException("not a power of two: " + places);
        }
        this.places = places;
    }

    /** True if that hash has come before, not too many others ago; notes that it has come. */
    public boolean hasSeen(int hash) {
        if (hashes.length == 0) {
            hashes = new int[places];
        }
        int place = hash & (places - 1);
        boolean seen = hashes[place] == hash;
        hashes[place] = hash;
        return seen;
    }
}
