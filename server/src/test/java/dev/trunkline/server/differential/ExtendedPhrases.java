package dev.trunkline.server.differential;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The extended protocol. Remembers what each client has prepared, so that most of what it binds is there. */
final class ExtendedPhrases {
    private static final String[] STATEMENTS = {"", "", "s0", "s1", "s2", "s3"};

    private final Map<String, Prepared> prepared = new HashMap<>();

    /** Parse to Sync in one go. */
    List<Sent> whole(Dice dice, int client) {
        Prepared statement = Prepared.pick(dice, client);
        List<Sent> sent = new ArrayList<>(List.of(Sent.parse("", statement.text())));
        remember(client, "", statement);
        sent.addAll(run(dice, "", statement));
        sent.add(Sent.sync());
        return sent;
    }

    /** Some Parses, Describes and Closes under names. */
    List<Sent> preparation(Dice dice, int client) {
        List<Sent> sent = new ArrayList<>();
        for (int i = dice.between(1, 3); i > 0; i--) {
            String name = dice.of(STATEMENTS);
            Prepared statement = Prepared.pick(dice, client);
            if (!name.isEmpty() && prepared.containsKey(client + name) && dice.percent(80)) {
                sent.add(Sent.close('S', name));
            }
            sent.add(Sent.parse(name, statement.text()));
            remember(client, name, statement);
            if (dice.percent(40)) {
                sent.add(Sent.describe('S', name));
            }
        }
        sent.add(end(dice));
        return sent;
    }

    /** Use of what was prepared, or of what was not. */
    List<Sent> use(Dice dice, int client) {
        List<Sent> sent = new ArrayList<>();
        for (int i = dice.between(1, 3); i > 0; i--) {
            String name = dice.of(STATEMENTS);
            Prepared statement = prepared.get(client + name);
            if (statement == null && dice.percent(70)) {
                statement = Prepared.pick(dice, client);
                sent.add(Sent.parse(name, statement.text()));
                remember(client, name, statement);
            }
            sent.addAll(run(dice, name, statement == null ? Prepared.pick(dice, client) : statement));
        }
        sent.add(end(dice));
        return sent;
    }

    /** Several batches at once that use what was prepared, some of which fail before they do. */
    List<Sent> pipeline(Dice dice, int client) {
        List<Sent> sent = new ArrayList<>();
        for (int i = dice.between(2, 4); i > 0; i--) {
            if (dice.percent(35)) {
                sent.add(dice.of(Sent.execute("unknown", 0), Sent.parse("", Texts.failing(dice, client))));
            }
            for (int j = dice.between(1, 2); j > 0; j--) {
                String name = dice.of("s0", "s1", "s2");
                Prepared statement = prepared.get(client + name);
                if (statement != null) {
                    sent.addAll(run(dice, name, statement));
                }
            }
            sent.add(Sent.sync());
        }
        return sent;
    }

    /** Names that are closed, known or not. */
    List<Sent> closing(Dice dice, int client) {
        List<Sent> sent = new ArrayList<>();
        for (int i = dice.between(1, 2); i > 0; i--) {
            String name = dice.of("", "s0", "s1", "s2", "s3", "unknown");
            prepared.remove(client + name);
            sent.add(Sent.close(dice.percent(80) ? 'S' : 'P', name));
        }
        sent.add(end(dice));
        return sent;
    }

    private static List<Sent> run(Dice dice, String name, Prepared statement) {
        List<Sent> sent = new ArrayList<>();
        String portal = dice.percent(75) ? "" : dice.of("p0", "p1");
        Sent.Format format = dice.percent(15) ? Sent.Format.BINARY : Sent.Format.TEXT;
        sent.add(Sent.bind(format, portal, name, statement.values(dice)));
        if (dice.percent(50)) {
            sent.add(Sent.describe('P', portal));
        }
        sent.add(Sent.execute(portal, dice.percent(80) ? 0 : dice.between(1, 4)));
        if (!portal.isEmpty() && dice.percent(50)) {
            sent.add(Sent.close('P', portal));
        }
        return sent;
    }

    /** Mostly Sync. */
    static Sent end(Dice dice) {
        return dice.percent(85) ? Sent.sync() : Sent.flush();
    }

    /** A portal that is read in parts, in a transaction or in one batch. */
    List<Sent> portal(Dice dice, int client) {
        List<Sent> sent = new ArrayList<>();
        boolean block = dice.percent(60);
        String portal = dice.of("", "p0", "p1", "p2");
        if (block) {
            sent.add(Sent.query("BEGIN"));
        }
        sent.add(Sent.parse(
                "",
                dice.of("SELECT generate_series(1, 9)", "SELECT n, s FROM fixed ORDER BY n", Texts.any(dice, client))));
        sent.add(Sent.bind(portal, ""));
        for (int i = dice.between(1, 4); i > 0; i--) {
            sent.add(Sent.execute(portal, dice.between(0, 4)));
            if (block && dice.percent(40)) {
                sent.add(dice.percent(70) ? Sent.sync() : Sent.flush());
            }
        }
        sent.add(dice.percent(60) ? Sent.close('P', portal) : Sent.describe('P', portal));
        sent.add(Sent.sync());
        if (block && dice.percent(80)) {
            sent.add(Sent.query(dice.of("COMMIT", "ROLLBACK")));
        }
        return sent;
    }

    private void remember(int client, String name, Prepared statement) {
        prepared.put(client + name, statement);
    }
}
