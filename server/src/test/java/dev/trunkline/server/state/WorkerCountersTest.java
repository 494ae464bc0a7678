package dev.trunkline.server.state;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerCountersTest {
    @Test
    void totals_holdEachEventThatWasCounted() {
        WorkerCounters counters = new WorkerCounters(() -> true);
        DatabaseCounters app = counters.database("app");
        app.received(10);
        app.sent(20);
        app.queryDone(3_000);
        app.transactionDone(4_000);
        app.waited(5_000);
        app.serverAssigned();
        app.loggedIn();
        app.cancelRequested();
        app.clientParsed();
        app.serverParsed();
        app.bound();

        DatabaseTotals totals = requireNonNull(counters.totals().get("app"));
        assertThat(totals.received()).isEqualTo(10);
        assertThat(totals.sent()).isEqualTo(20);
        assertThat(totals.queries()).isEqualTo(1);
        assertThat(totals.transactions()).isEqualTo(1);
        assertThat(totals.latencies().query().sumMicros()).isEqualTo(3);
        assertThat(totals.latencies().transaction().sumMicros()).isEqualTo(4);
        assertThat(totals.latencies().waiting().sumMicros()).isEqualTo(5);
        assertThat(totals.serverAssignments()).isEqualTo(1);
        assertThat(totals.clientLogins()).isEqualTo(1);
        assertThat(totals.cancels()).isEqualTo(1);
        assertThat(totals.statements()).isEqualTo(new DatabaseTotals.Statements(1, 1, 1));
        assertThat(totals.errors()).isEmpty();
    }

    @Test
    void errorTold_countsByClassAndPutsWhatIsNoClassUnderOther() {
        DatabaseCounters counters = new DatabaseCounters();
        counters.errorTold((byte) '4', (byte) '2');
        counters.errorTold((byte) '4', (byte) '2');
        counters.errorTold((byte) 'X', (byte) 'X');
        counters.errorTold((byte) '0', (byte) '0');
        counters.errorTold((byte) '?', (byte) 0);

        assertThat(counters.snapshot().errors()).isEqualTo(Map.of("42", 2L, "XX", 1L, "00", 1L, "other", 1L));
    }

    @Test
    void database_givesTheSameCountersForTheSameName() {
        WorkerCounters counters = new WorkerCounters(() -> true);

        assertThat(counters.database("app")).isSameAs(counters.database("app"));
    }

    @Test
    void anyCall_failsItsAssertOutsideTheLoop() {
        WorkerCounters counters = new WorkerCounters(() -> false);

        assertThatThrownBy(() -> counters.database("app")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> counters.clientClosed("terminate")).isInstanceOf(AssertionError.class);
        assertThatThrownBy(counters::totals).isInstanceOf(AssertionError.class);
    }
}
