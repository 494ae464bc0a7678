package dev.trunkline.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Frames;
import dev.trunkline.server.testing.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What LISTEN, UNLISTEN and NOTIFY do for clients that share the connection which listens. */
class SharedListenTest {
    @RegisterExtension
    static final SharingProxy PROXY = new SharingProxy("shared_listen", "pool_size: 2");

    private Listener listener;
    private Listener notifier;

    @BeforeEach
    void connect() {
        listener = PROXY.client();
        notifier = PROXY.client();
    }

    @AfterEach
    void disconnect() {
        listener.close();
        notifier.close();
    }

    /** What the listener has heard up to now: a note on a channel of its own marks the end. */
    private List<String> heard() {
        listener.run("LISTEN the_end");
        notifier.run("NOTIFY the_end");
        return listener.notesUpTo("the_end:");
    }

    @Test
    void listen_answerAndNotification_areThoseOfPostgres() {
        assertThat(listener.tag("LISTEN news")).isEqualTo("LISTEN");
        int pid = Integer.parseInt(Message.firstColumns(notifier.query("SELECT pg_backend_pid(); NOTIFY news, 'hi'"))
                .getFirst());

        assertThat(listener.note()).isEqualTo(new Listener.Note(pid, "news", "hi"));
        assertThat(listener.tag("UNLISTEN news")).isEqualTo("UNLISTEN");
    }

    @Test
    void listen_everyNotificationBehindTheAnswer_isHeard() {
        for (int i = 0; i < 300; i++) {
            listener.run("LISTEN c" + i);
            notifier.run("NOTIFY c" + i);
            assertThat(listener.note()).hasToString("c" + i + ":");
        }
    }

    @Test
    void notify_ofTheListenerItself_isHeard() {
        listener.run("LISTEN own", "NOTIFY own, '1'", "BEGIN", "NOTIFY own, '2'", "COMMIT");
        assertThat(heard()).containsExactly("own:1", "own:2");
    }

    @Test
    void notify_thatIsRolledBack_isNotHeard() {
        listener.run("LISTEN a");
        notifier.run("BEGIN", "NOTIFY a, 'never'", "ROLLBACK", "NOTIFY a, 'ever'");
        assertThat(heard()).containsExactly("a:ever");
    }

    @Test
    void listen_inTransaction_countsFromItsCommit() {
        listener.run("BEGIN", "LISTEN a");
        notifier.run("NOTIFY a, 'before'");
        listener.run("COMMIT");
        notifier.run("NOTIFY a, 'after'");
        assertThat(heard()).containsExactly("a:after");
    }

    @Test
    void listen_thatIsRolledBack_doesNotCount() {
        listener.run("BEGIN", "LISTEN a", "ROLLBACK");
        listener.run("BEGIN", "LISTEN b");
        assertThat(Message.types(listener.query("SELECT 1/0"))).isEqualTo("EZ");
        assertThat(Message.error(listener.query("LISTEN c")).fields()).containsEntry('C', "25P02");
        assertThat(listener.tag("COMMIT")).isEqualTo("ROLLBACK");
        notifier.run("NOTIFY a", "NOTIFY b", "NOTIFY c");
        assertThat(heard()).isEmpty();
    }

    @Test
    void listen_behindASavepoint_followsTheSavepoint() {
        listener.run("BEGIN", "LISTEN a", "SAVEPOINT s", "LISTEN b", "UNLISTEN a", "ROLLBACK TO s", "LISTEN c");
        listener.run("SAVEPOINT s", "LISTEN d", "RELEASE s", "COMMIT");
        notifier.run("NOTIFY a", "NOTIFY b", "NOTIFY c", "NOTIFY d");
        assertThat(heard()).containsExactly("a:", "c:", "d:");
    }

    @Test
    void lastWordInATransaction_counts() {
        listener.run("BEGIN", "LISTEN a", "UNLISTEN a", "LISTEN a", "LISTEN b", "UNLISTEN b", "COMMIT");
        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(heard()).containsExactly("a:");
    }

    @Test
    void unlisten_oneOrAll() {
        listener.run("LISTEN a", "LISTEN b", "LISTEN c", "UNLISTEN a", "UNLISTEN never");
        notifier.run("NOTIFY a", "NOTIFY b", "NOTIFY c");
        assertThat(heard()).containsExactly("b:", "c:");

        assertThat(listener.tag("UNLISTEN *")).isEqualTo("UNLISTEN");
        notifier.run("NOTIFY b", "NOTIFY c");
        assertThat(heard()).isEmpty();
    }

    @Test
    void unlistenAmongOtherStatements_endsItWithTheirCommit() {
        listener.run("LISTEN a", "LISTEN b");
        assertThat(Message.types(listener.query("SELECT 1; UNLISTEN a; SELECT 'ü'; NOTIFY c")))
                .isEqualTo("TDCCTDCCZ");
        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(heard()).containsExactly("b:");

        listener.run("UNLISTEN *; SELECT 1");
        notifier.run("NOTIFY b");
        assertThat(heard()).isEmpty();
    }

    @Test
    void unlistenAmongOtherStatements_thatFail_doesNotCount() {
        listener.run("LISTEN a");
        List<Message> answer = listener.query("UNLISTEN *; SELECT 1/0");
        assertThat(Message.types(answer)).isEqualTo("CEZ");
        assertThat(answer.getFirst().text()).isEqualTo("UNLISTEN");
        notifier.run("NOTIFY a");
        assertThat(heard()).containsExactly("a:");
    }

    @Test
    void unlistenAmongOtherStatements_followsTransactionsAndSavepoints() {
        listener.run("LISTEN a", "LISTEN b", "BEGIN; UNLISTEN *", "ROLLBACK");
        listener.run("BEGIN; SAVEPOINT s; UNLISTEN *; ROLLBACK TO s; UNLISTEN b; COMMIT; SELECT 1");
        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(heard()).containsExactly("a:");

        listener.run("BEGIN", "SELECT 1; UNLISTEN *");
        notifier.run("NOTIFY a, 'before the commit'");
        listener.run("COMMIT");
        notifier.run("NOTIFY a, 'behind it'");
        assertThat(heard()).containsExactly("a:before the commit");
    }

    @Test
    void unlistenAmongOtherStatements_placeOfAnErrorIsTheClients() {
        listener.run("LISTEN a");
        String text = "SELECT 'ü'; UNLISTEN a; UNLISTEN *; SELEKT 1";
        assertThat(Message.error(listener.query(text)).fields())
                .containsEntry('P', Integer.toString(text.indexOf("SELEKT") + 1));
    }

    /** It really listens to one channel, and shares another. */
    @Test
    void unlistenOfAClientThatKeepsItsConnection_endsBoth() {
        listener.run("LISTEN a", "LISTEN b; SELECT 1");
        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(List.of(listener.note().toString(), listener.note().toString()))
                .containsExactlyInAnyOrder("a:", "b:");

        assertThat(listener.tag("UNLISTEN *")).isEqualTo("UNLISTEN");
        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(heard()).isEmpty();
    }

    /** The server has yet to say that the client really listens. */
    @Test
    void unlistenStraightBehindAListenAmongOthers_endsBoth() {
        listener.run("LISTEN a");
        listener.raw().send(Frames.concat(Frames.query("LISTEN b; SELECT 1"), Frames.query("UNLISTEN *")));
        assertThat(Message.types(listener.answer())).isEqualTo("CTDCZ");
        assertThat(listener.answer().getFirst().text()).isEqualTo("UNLISTEN");

        notifier.run("NOTIFY a", "NOTIFY b");
        assertThat(heard()).isEmpty();
    }

    @Test
    void unlistenInAStringOfATransaction_isNone() {
        listener.run("LISTEN a");
        assertThat(Message.firstColumns(listener.query("SELECT '; UNLISTEN *; '; SELECT 2")))
                .startsWith("; UNLISTEN *; ");
        notifier.run("NOTIFY a");
        assertThat(heard()).containsExactly("a:");
    }

    @Test
    void discardAll_endsIt() {
        listener.run("LISTEN a");
        assertThat(listener.query("DISCARD ALL").getFirst().text()).isEqualTo("DISCARD ALL");
        notifier.run("NOTIFY a");
        assertThat(heard()).isEmpty();
    }

    @Test
    void listenerInTransaction_hearsWhenItEnds() {
        listener.run("LISTEN a", "BEGIN");
        notifier.run("NOTIFY a, '1'", "NOTIFY a, '2'");
        assertThat(Message.types(listener.raw().query("SELECT 1"))).isEqualTo("TDCZ");

        listener.run("COMMIT");

        assertThat(listener.note()).hasToString("a:1");
        assertThat(listener.note()).hasToString("a:2");
    }

    @Test
    void listenTwice_hearsOnce() {
        listener.run("LISTEN a", "LISTEN a", "BEGIN", "LISTEN a", "COMMIT");
        notifier.run("NOTIFY a");
        assertThat(heard()).containsExactly("a:");
    }

    // Hazard S15
    @Test
    void hostileNames_areHeardAsTheyAre() {
        List<String> names =
                List.of("a\"b", "x'; SELECT 1; --", "back\\slash", "line\nbreak", "UPPER", " ", "Größe🐘", "$$");
        List<String> expected = new ArrayList<>();
        for (String name : names) {
            String quoted = '"' + name.replace("\"", "\"\"") + '"';
            assertThat(listener.tag("LISTEN " + quoted)).isEqualTo("LISTEN");
            notifier.run("NOTIFY " + quoted + ", 'it''s ü'");
            expected.add(name + ":it's ü");
        }
        assertThat(heard()).isEqualTo(expected);
    }

    // Hazard S15
    @Test
    void longName_isCutAsTheServerCutsIt() {
        listener.run("LISTEN " + "x".repeat(70));
        notifier.run("NOTIFY " + "x".repeat(63));
        assertThat(heard()).containsExactly("x".repeat(63) + ":");
    }

    @Test
    void extendedProtocol_unnamedAndNamed() {
        listener.raw().send(Frames.extended("LISTEN a"));
        List<Message> answer = listener.answer();
        assertThat(Message.types(answer)).isEqualTo("12nCZ");
        assertThat(answer.get(3).text()).isEqualTo("LISTEN");

        listener.raw().send(Frames.parse("u", "UNLISTEN a"), Frames.describe('S', "u"), Frames.sync());
        assertThat(Message.types(listener.answer())).isEqualTo("1tnZ");
        notifier.run("NOTIFY a, '1'");
        listener.raw().send(Frames.bind("p", "u", new String[0]), Frames.execute("p", 0), Frames.sync());
        assertThat(listener.answer().get(1).text()).isEqualTo("UNLISTEN");
        notifier.run("NOTIFY a, '2'");

        assertThat(heard()).containsExactly("a:1");
    }

    @Test
    void extendedProtocol_namedStatementIsUsedAgain() {
        listener.raw().send(Frames.parse("l", "LISTEN a"), Frames.sync());
        assertThat(Message.types(listener.answer())).isEqualTo("1Z");
        for (int round = 0; round < 3; round++) {
            listener.raw().send(Frames.bind("", "l", new String[0]), Frames.execute("", 0), Frames.sync());
            assertThat(Message.types(listener.answer())).isEqualTo("2CZ");
            notifier.run("NOTIFY a, '" + round + "'");
            assertThat(listener.note()).hasToString("a:" + round);
            listener.run("UNLISTEN *");
            notifier.run("NOTIFY a, 'none'");
        }
        assertThat(heard()).isEmpty();
    }

    @Test
    void pipeline_ofTransactions_isFollowedInOrder() {
        listener.raw()
                .send(
                        Frames.query("LISTEN a"),
                        Frames.query("NOTIFY a, '1'"),
                        Frames.query("UNLISTEN a"),
                        Frames.query("NOTIFY a, '2'"),
                        Frames.query("LISTEN b"),
                        Frames.query("NOTIFY b, '3'"));
        for (int i = 0; i < 6; i++) {
            assertThat(Message.types(listener.answer())).isEqualTo("CZ");
        }
        assertThat(heard()).containsExactly("a:1", "b:3");
    }

    @Test
    void pipeline_thatFails_listenDoesNotCount() {
        listener.raw()
                .send(
                        Frames.parse("", "LISTEN a"),
                        Frames.bind("", "", new String[0]),
                        Frames.execute("", 0),
                        Frames.parse("", "SELECT 1/0"),
                        Frames.bind("", "", new String[0]),
                        Frames.execute("", 0),
                        Frames.sync());
        assertThat(Message.types(listener.answer())).isEqualTo("12C1EZ");
        notifier.run("NOTIFY a");
        assertThat(heard()).isEmpty();
    }

    @Test
    void executeInSmallPieces_isRecognised() {
        listener.raw().sendBytewise(Frames.extended("LISTEN a"));
        assertThat(listener.answer().get(3).text()).isEqualTo("LISTEN");
        notifier.run("NOTIFY a");
        assertThat(heard()).containsExactly("a:");
    }

    @Test
    void otherEncoding_isNotShared() {
        listener.run("SET client_encoding = 'LATIN1'", "LISTEN a");
        assertThat(Message.firstColumns(listener.query("SELECT pg_listening_channels()")))
                .as("it listens itself")
                .containsExactly("a");
        listener.run("UNLISTEN a");
    }
}
