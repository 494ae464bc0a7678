package dev.trunkline.server.patroni;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was not as it has to be in one run of an event. */
final class Complaints {
    private final List<String> all = new ArrayList<>();

    /** Notes {@code what} if it is so. */
    void when(boolean wrong, String what) {
        if (wrong) {
            all.add(what);
        }
    }

    /** The same with a number for the text's only place. */
    void when(boolean wrong, String text, double number) {
        when(wrong, String.format(Locale.ROOT, text, number));
    }

    List<String> all() {
        return all;
    }
}
