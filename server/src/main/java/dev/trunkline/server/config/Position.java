package dev.trunkline.server.config;

/** A place in a file; both numbers begin at 1. */
record Position(int line, int column) implements Comparable<Position> {
    static final Position START = new Position(1, 1);

    @Override
    public int compareTo(Position other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }
}
