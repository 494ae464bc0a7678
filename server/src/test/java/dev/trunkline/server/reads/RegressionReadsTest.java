package dev.trunkline.server.reads;

import static dev.trunkline.server.testing.InstalledPostgres.through;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.ReadClassifier;
import dev.trunkline.router.reads.ReadVerdict;
import dev.trunkline.router.sql.SqlLexer.Backslash;
import dev.trunkline.server.testing.InstalledPostgres;
import dev.trunkline.server.testing.Until;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** What is proven to read among the statements of PostgreSQL's regression suite does not write. */
@Tag("reads")
class RegressionReadsTest {
    private static final String DONE = "00000";
    private static final String REFUSED = "25006";
    /** It makes the tables that most scripts read, from files that only psql finds. */
    private static final String FIRST = "test_setup";

    private static final Pattern DEFINES = Pattern.compile("(?is)^\\s*(create|alter|drop|do|rollback|commit|end)\\b.*");

    /** The driver has another way for these. */
    private static final Pattern COPIES = Pattern.compile("(?is)^.*\\bcopy\\b.*\\b(stdin|stdout)\\b.*");

    private final ReadClassifier classifier = new ReadClassifier();
    private final Map<ReadVerdict.Kind, Integer> verdicts = new TreeMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final List<String> refused = new ArrayList<>();
    /** Scripts that end their own session. */
    private int cutShort;

    // Hazard R3
    @Test
    void provenReads_onAStandbyOfALeaderThatHasRunTheSuite_areNeverRefused() throws Exception {
        try (InstalledPostgres leader = InstalledPostgres.leader("max_prepared_transactions = 2")) {
            RegressionSuite suite = RegressionSuite.on(leader);
            for (String script : suite.scripts()) {
                suite.run(leader, script);
            }
            suite.dropWhatDoubtsAll(leader);
            Path data = leader.directory().resolve("copy");
            leader.program(through(leader.port(), "pg_basebackup", "-D", data.toString(), "-c", "fast", "-R"));
            try (InstalledPostgres standby = InstalledPostgres.restored(data);
                    Connection connection = RegressionSuite.connect(leader)) {
                Until.holds("the standby streams", () -> standby.value(
                                "SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming'")
                        .equals("1"));
                CatalogFacts facts = RegressionSuite.facts(connection);
                assertThat(facts.isKnown()).as(facts.missing()).isTrue();
                readAll(standby, suite, facts);
            }
        }
        report();
    }

    private void readAll(InstalledPostgres standby, RegressionSuite suite, CatalogFacts facts) throws Exception {
        try (Connection connection = RegressionSuite.connect(standby);
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SET statement_timeout = '20s'");
            for (String script : suite.scripts()) {
                for (String text : suite.statements(script)) {
                    if (isRead(text, facts)) {
                        note(text, state(statement, text));
                    }
                }
            }
        }
    }

    // Hazard R3
    @Test
    void provenReads_inTheirPlaceInTheSuiteInAReadOnlyTransaction_areNeverRefused() throws Exception {
        try (InstalledPostgres leader = InstalledPostgres.leader("max_prepared_transactions = 2")) {
            RegressionSuite suite = RegressionSuite.on(leader);
            suite.run(leader, FIRST);
            for (String script : suite.scripts()) {
                if (!script.equals(FIRST)) {
                    runInPlace(leader, suite.statements(script));
                }
            }
        }
        report();
    }

    /** What is not proven runs as it is. The catalog is read again behind what may have changed it, also in an open transaction. */
    private void runInPlace(InstalledPostgres leader, List<String> statements) throws SQLException {
        try (Connection connection = RegressionSuite.connect(leader);
                Statement statement = connection.createStatement()) {
            BaseConnection session = connection.unwrap(BaseConnection.class);
            statement.setEscapeProcessing(false);
            statement.execute("SET statement_timeout = '20s'");
            CatalogFacts facts = CatalogFacts.NONE;
            boolean changed = true;
            for (String text : statements) {
                if (connection.isClosed()) {
                    cutShort++;
                    return;
                }
                if (changed && mayRead(text) && session.getTransactionState() != TransactionState.FAILED) {
                    facts = RegressionSuite.facts(connection);
                    changed = false;
                }
                if (isRead(text, facts)) {
                    note(text, readOnly(session, statement, text));
                } else {
                    changed |= run(statement, text);
                }
            }
        }
    }

    private boolean mayRead(String text) {
        return verdict(text, CatalogFacts.NONE).kind() == ReadVerdict.Kind.NO_CATALOG;
    }

    /** True if it may have changed the catalog. */
    private static boolean run(Statement statement, String text) {
        if (!COPIES.matcher(text).matches()) {
            state(statement, text);
        }
        return DEFINES.matcher(text).matches();
    }

    private static String readOnly(BaseConnection connection, Statement statement, String text) {
        TransactionState transaction = connection.getTransactionState();
        if (transaction == TransactionState.FAILED) {
            return state(statement, text);
        }
        boolean inside = transaction == TransactionState.OPEN;
        state(statement, inside ? "SAVEPOINT proven_read; SET TRANSACTION READ ONLY" : "BEGIN READ ONLY");
        String state = state(statement, text);
        state(statement, inside ? "ROLLBACK TO proven_read; RELEASE proven_read" : "ROLLBACK");
        return state;
    }

    private boolean isRead(String text, CatalogFacts facts) {
        ReadVerdict verdict = verdict(text, facts);
        verdicts.merge(verdict.kind(), 1, Integer::sum);
        return verdict.reads();
    }

    private ReadVerdict verdict(String text, CatalogFacts facts) {
        ByteBuf buf = Unpooled.copiedBuffer(text + "\0", UTF_8);
        return classifier.classify(buf, 0, buf.writerIndex(), facts, Backslash.ORDINARY);
    }

    private void note(String text, String state) {
        outcomes.merge(state, 1, Integer::sum);
        if (state.equals(REFUSED)) {
            refused.add(text);
        }
    }

    private static String state(Statement statement, String text) {
        try {
            statement.execute(text);
            return DONE;
        } catch (SQLException e) {
            return String.valueOf(e.getSQLState());
        }
    }

    private void report() {
        System.err.println("statements by verdict " + verdicts + "; reads by SQLSTATE " + outcomes
                + "; scripts cut short " + cutShort);
        assertThat(refused).isEmpty();
        assertThat(outcomes.getOrDefault(DONE, 0)).as("reads that ran").isGreaterThan(1_000);
    }
}
