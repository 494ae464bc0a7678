package dev.trunkline.server.config;

/** The parts of the file that hold settings. */
enum Scope {
    GLOBAL("the top level"),
    LISTENER("a listener"),
    HTTP("http"),
    CLUSTER("a cluster"),
    DATABASE("a database"),
    USER("a user");

    private final String place;

    Scope(String place) {
        this.place = place;
    }

    /** What the part is called in a message. */
    String place() {
        return place;
    }
}
