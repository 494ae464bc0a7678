package dev.trunkline.server.differential;

import dev.trunkline.server.differential.Scenario.Setting;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes a scenario. The same families and the same seed make the same one. */
final class Generator {
    private static final int MOST_STEPS = 40;

    /** pg_catalog.int4pl, int4div and pi. Source: pg_proc.dat, whose numbers do not change. */
    private static final int INT4PL = 177;

    private static final int INT4DIV = 154;
    private static final int PI = 1610;

    private final Set<Family> families;
    private final Map<Family, List<Phrase>> phrases = new EnumMap<>(Family.class);
    /** The phrases of each family that has some. */
    private final List<List<Phrase>> speaking;

    private final SequencePhrases sequences = new SequencePhrases();
    private final Dice dice;
    private final Setting setting;
    /** Some client has asked for parameters at its login. */
    private final boolean wishing;

    private Generator(Set<Family> all, long seed) {
        this.dice = new Dice(seed);
        this.families = some(all);
        this.setting = setting();
        this.wishing = !setting.clients().stream().allMatch(Map::isEmpty);
        addProtocol();
        addStatements();
        addSessions();
        this.speaking = phrases.entrySet().stream()
                .filter(each -> families.contains(each.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /**
     * Each scenario is about some of them only, so that these meet each other more often. Those that pin make do with fewer clients
     * on a connection, so that half of the scenarios go without.
     */
    private Set<Family> some(Set<Family> all) {
        boolean pinning = dice.percent(50);
        EnumSet<Family> chosen = EnumSet.noneOf(Family.class);
        for (Family each : Family.values()) {
            if (all.contains(each) && dice.percent(60) && (pinning || !each.pins())) {
                chosen.add(each);
            }
        }
        return chosen.stream().anyMatch(Family::speaks) ? chosen : all;
    }

    private void addProtocol() {
        ExtendedPhrases extended = new ExtendedPhrases();
        phrases.put(
                Family.EXTENDED,
                List.of(
                        extended::whole,
                        extended::whole,
                        extended::preparation,
                        extended::use,
                        extended::use,
                        extended::pipeline,
                        extended::closing));
        phrases.put(Family.PORTALS, List.of(extended::portal));
        phrases.put(Family.COPY, List.of(CopyPhrases::in, CopyPhrases::in, CopyPhrases::out));
        phrases.put(Family.FUNCTION_CALL, List.of((d, client) -> List.of(function(d))));
    }

    private void addStatements() {
        phrases.put(Family.SIMPLE, List.of((d, client) -> List.of(Sent.query(Texts.any(d, client)))));
        phrases.put(Family.MULTI, List.of(Generator::multi));
        phrases.put(
                Family.TRANSACTION,
                List.of(
                        TransactionPhrases.BEGIN,
                        TransactionPhrases.END,
                        TransactionPhrases.INSIDE,
                        TransactionPhrases.INSIDE,
                        TransactionPhrases::whole));
        phrases.put(Family.REPORTED, List.of(SettingPhrases.REPORTED));
        phrases.put(Family.RESET, unlessWishing(SettingPhrases.RESET, SettingPhrases.RESET_ALL));
        phrases.put(
                Family.UNREPORTED,
                List.of(
                        SettingPhrases.UNREPORTED,
                        SettingPhrases.UNREPORTED,
                        SettingPhrases.UNREPORTED,
                        SettingPhrases.UNREPORTED_RESET));
    }

    private void addSessions() {
        phrases.put(Family.STARTUP_OPTIONS, List.of(SettingPhrases.OF_OPTIONS));
        phrases.put(Family.SQL_PREPARE, List.of(SessionPhrases.SQL_PREPARE));
        phrases.put(Family.DISCARD, unlessWishing(SessionPhrases.DISCARD, SessionPhrases.DISCARD_ALL));
        phrases.put(Family.TEMP_TABLE, List.of(SessionPhrases.TEMP_TABLE));
        phrases.put(Family.HOLD_CURSOR, List.of(SessionPhrases.HOLD_CURSOR));
        phrases.put(Family.ADVISORY_LOCK, List.of(SessionPhrases.ADVISORY_LOCK));
        phrases.put(Family.LISTEN, List.of(SessionPhrases.LISTEN));
        phrases.put(Family.SEQUENCE, List.of(sequences::any));
    }

    /** A client with wishes is told of its parameters once too often behind the second, as docs/sessions.md says. */
    private List<Phrase> unlessWishing(Phrase always, Phrase otherwise) {
        return wishing ? List.of(always) : List.of(always, otherwise);
    }

    private static List<Sent> multi(Dice dice, int client) {
        return List.of(Sent.query(IntStream.range(0, dice.between(2, 4))
                .mapToObj(i -> Texts.any(dice, client))
                .collect(Collectors.joining("; "))));
    }

    private static Sent function(Dice dice) {
        return dice.of(
                Sent.function(INT4PL, "20", "22"),
                Sent.function(INT4PL, "20", "NULL"),
                Sent.function(INT4PL, "20", "x"),
                Sent.function(INT4PL, "20"),
                Sent.function(INT4DIV, "1", "0"),
                Sent.function(PI),
                Sent.function(1));
    }

    /** The scenario of this seed. */
    static Scenario scenario(Set<Family> families, long seed) {
        return new Generator(families, seed).next();
    }

    private Scenario next() {
        List<Step> steps = new ArrayList<>();
        int client = 0;
        for (int i = dice.between(4, MOST_STEPS); i > 0; i--) {
            // Some steps in a row by the same client, so that transactions are not cut off each time.
            if (dice.percent(40)) {
                client = dice.between(0, setting.clients().size() - 1);
            }
            steps.add(step(client));
        }
        return new Scenario(setting, steps);
    }

    private Setting setting() {
        int pool = dice.percent(50) ? 1 : 4;
        boolean pinning = families.stream().anyMatch(Family::pins);
        int clients = dice.percent(35) ? 1 : dice.between(2, Databases.CLIENTS);
        boolean wishes = dice.percent(70);
        List<Map<String, String>> all = Stream.generate(() -> wishes ? wishes() : Map.<String, String>of())
                .limit(pinning ? Math.min(pool, clients) : clients)
                .toList();
        return new Setting(dice.percent(50) ? dice.between(1, 3) : Scenario.DEFAULT_STATEMENTS, pool, all);
    }

    private Map<String, String> wishes() {
        if (dice.percent(30)) {
            return Map.of();
        }
        Map<String, String> reported = dice.of(
                Map.of("application_name", "an 'app'"),
                Map.of("DateStyle", "German", "TimeZone", "Asia/Tokyo"),
                Map.of("client_encoding", "LATIN1"),
                Map.of("IntervalStyle", "iso_8601"));
        if (!families.contains(Family.STARTUP_OPTIONS) || dice.percent(50)) {
            return reported;
        }
        return Map.of(
                "options",
                dice.of("-c search_path=other -c work_mem=3MB", "-c my.var=x\\ y", "-c statement_timeout=60s"));
    }

    private Step step(int client) {
        List<Sent> sent = new ArrayList<>();
        for (int i = dice.percent(60) ? 1 : dice.between(2, 4); i > 0; i--) {
            sent.addAll(dice.of(dice.of(speaking)).make(dice, client));
        }
        if (families.contains(Family.DISORDER) && dice.percent(12)) {
            Disorder.bring(sent, dice, client);
        }
        Step.Ending ending = ending();
        if (ending == Step.Ending.TERMINATE
                || sent.stream().anyMatch(each -> each.code().contains("DISCARD"))) {
            sequences.forget(client);
        }
        return new Step(client, sent, delivery(), ending);
    }

    private Step.Delivery delivery() {
        return dice.percent(80) ? Step.Delivery.WHOLE : dice.of(Step.Delivery.PIECES, Step.Delivery.BYTEWISE);
    }

    private Step.Ending ending() {
        if (families.contains(Family.RECONNECT) && dice.percent(4)) {
            return Step.Ending.TERMINATE;
        }
        return dice.percent(6) ? Step.Ending.FLUSH : Step.Ending.SENTINEL;
    }
}
