package dev.trunkline.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many notifications: in order, once, and not without bound. */
class NotificationFlowTest {
    @RegisterExtension
    static final SharingProxy PROXY = new SharingProxy("notification_flow", "");

    private static final int NOTIFIERS = 4;
    private static final int NOTES = 2_500;
    private static final int NOTES_IN_A_TRANSACTION = 50;
    private static final int LARGE = 7_900;

    @Test
    void tenThousandNotifications_ofSeveralNotifiers_comeInOrderAndOnce() throws Exception {
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Listener listener = PROXY.client();
            listener.run("LISTEN flood");
            listeners.add(listener);
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> work = new ArrayList<>();
            for (int i = 0; i < NOTIFIERS; i++) {
                int notifier = i;
                work.add(threads.submit(() -> notifyAll(notifier)));
            }
            listeners.forEach(listener -> work.add(threads.submit(() -> expectAll(listener))));
            for (Future<?> each : work) {
                each.get();
            }
        }
        listeners.forEach(Listener::close);
    }

    private static void notifyAll(int notifier) {
        try (Listener client = PROXY.client()) {
            for (int first = 0; first < NOTES; first += NOTES_IN_A_TRANSACTION) {
                StringBuilder notes = new StringBuilder();
                for (int note = first; note < first + NOTES_IN_A_TRANSACTION; note++) {
                    notes.append("NOTIFY flood, '%d %d';".formatted(notifier, note));
                }
                client.run(notes.toString());
            }
        }
    }

    private static void expectAll(Listener listener) {
        int[] next = new int[NOTIFIERS];
        for (int i = 0; i < NOTIFIERS * NOTES; i++) {
            String[] note = listener.note().payload().split(" ", -1);
            int notifier = Integer.parseInt(note[0]);
            assertThat(note[1]).isEqualTo(String.valueOf(next[notifier]));
            next[notifier]++;
        }
        listener.run("UNLISTEN flood", "SELECT 1");
    }

    @Test
    void listenAndUnlisten_whileNotificationsFlow_nothingBetweenThemIsLostOrDoubled() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger committed = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Listener listener = PROXY.client()) {
            Future<?> notifier = threads.submit(() -> count(begun, committed));
            for (int round = 0; round < 200; round++) {
                int committedBefore = committed.get();
                listener.run("LISTEN counting");
                int begunBefore = begun.get();
                int first = Integer.parseInt(listener.note().payload());
                assertThat(first)
                        .as("not what was committed before, and all that began behind the answer")
                        .isBetween(committedBefore + 1, begunBefore + 1);
                listener.run("UNLISTEN counting", "LISTEN last", "NOTIFY last, 'of round " + round + "'");
                int expected = first + 1;
                for (String note : listener.notesUpTo("last:of round " + round)) {
                    assertThat(note).isEqualTo("counting:" + expected);
                    expected++;
                }
            }
            notifier.cancel(true);
        }
    }

    private static void count(AtomicInteger begun, AtomicInteger committed) {
        try (Listener client = PROXY.client()) {
            while (!Thread.currentThread().isInterrupted()) {
                client.run("NOTIFY counting, '" + begun.incrementAndGet() + "'");
                committed.incrementAndGet();
            }
        }
    }

    @Test
    void clientThatDoesNotRead_isClosedAndDelaysNobody() {
        try (Listener slow = PROXY.client();
                Listener other = PROXY.client();
                Listener notifier = PROXY.client()) {
            slow.run("SET application_name = 'slow'", "LISTEN large");
            other.run("LISTEN large");
            int sent = 0;
            while (isThere("slow")) {
                for (int i = 0; i < 100; i++) {
                    notifier.run("NOTIFY large, '%s%d'".formatted("x".repeat(LARGE), sent));
                    assertThat(other.note().payload()).endsWith("x" + sent);
                    sent++;
                }
            }
            List<Message> last = slow.raw().readToEnd();
            assertThat(last.getLast().type()).isEqualTo('E');
            assertThat(last.getLast().fields()).containsEntry('S', "FATAL").containsEntry('C', "53400");
            assertThat(last.size()).as("what it got before").isLessThanOrEqualTo(sent + 1);
        }
    }

    private static boolean isThere(String name) {
        return PROXY.proxy().console("SHOW CLIENTS").stream().anyMatch(row -> name.equals(row.get("application_name")));
    }

    @Test
    void clientThatStaysInATransaction_isClosedWhenTooMuchWaits() {
        try (Listener idle = PROXY.client();
                Listener notifier = PROXY.client()) {
            idle.run("LISTEN waiting", "BEGIN");
            for (int i = 0; i < (1 << 20) / LARGE + 1; i++) {
                notifier.run("NOTIFY waiting, '%s%d'".formatted("x".repeat(LARGE), i));
            }
            Message last = Message.error(idle.raw().readToEnd());
            assertThat(last.fields()).containsEntry('C', "53400");
            assertThat(last.fields().get('D')).contains("max_notification_queue");
        }
    }

    @Test
    void clientThatPipelinesWithoutEnd_hearsNevertheless() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Listener busy = PROXY.client();
                Listener notifier = PROXY.client()) {
            busy.run("LISTEN busy");
            byte[] query = dev.trunkline.server.testing.Frames.query("SELECT 1");
            Future<?> sender = threads.submit(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    busy.raw().send(query, query, query, query);
                }
            });
            notifier.run("NOTIFY busy, 'now'");
            Message next = busy.raw().read();
            while (next.type() != 'A') {
                next = busy.raw().read();
            }
            assertThat(Listener.Note.of(next)).hasToString("busy:now");
            sender.cancel(true);
        }
    }
}
