package dev.trunkline.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.trunkline.server.state.ProxySnapshot;
import dev.trunkline.server.state.ProxyState;
import dev.trunkline.server.state.SampleState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final SampleState state = new SampleState();
    private final Metrics metrics = new Metrics(state, "0.1.0", Runnable::run, Duration.ofMillis(50));

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void scrape_holdsTheCountersOfEachDatabaseOfAllWorkersTogether() {
        assertThat(scrape())
                .contains("trunkline_client_received_bytes_total{database=\"app\"} 2000.0")
                .contains("trunkline_client_sent_bytes_total{database=\"app\"} 4000.0")
                .contains("trunkline_server_assignments_total{database=\"app\"} 2.0")
                .contains("trunkline_client_logins_total{database=\"app\"} 2.0")
                .contains("trunkline_cancels_total{database=\"app\"} 2.0")
                .contains("trunkline_client_parses_total{database=\"app\"} 2.0")
                .contains("trunkline_server_parses_total{database=\"app\"} 2.0")
                .contains("trunkline_binds_total{database=\"app\"} 2.0")
                .contains("trunkline_errors_total{database=\"app\",sqlstate_class=\"42\"} 2.0")
                .contains("trunkline_clients_closed_total{reason=\"terminate\"} 2.0");
    }

    @Test
    void scrape_showsDurationsAsCumulativeBucketsInSeconds() {
        assertThat(scrape())
                .contains("# TYPE trunkline_query_duration_seconds histogram")
                .contains("trunkline_query_duration_seconds_bucket{database=\"app\",le=\"0.02\"} 0")
                .contains("trunkline_query_duration_seconds_bucket{database=\"app\",le=\"0.05\"} 2")
                .contains("trunkline_query_duration_seconds_bucket{database=\"app\",le=\"+Inf\"} 2")
                .contains("trunkline_query_duration_seconds_count{database=\"app\"} 2")
                .contains("trunkline_query_duration_seconds_sum{database=\"app\"} 0.06")
                .contains("trunkline_transaction_duration_seconds_sum{database=\"app\"} 0.08")
                .contains("trunkline_wait_duration_seconds_bucket{database=\"app\",le=\"0.001\"} 2");
    }

    @Test
    void scrape_tellsEachPoolByServerAndState() {
        String leader = "database=\"app\",role=\"leader\",server=\"10.0.0.1:5432\"";
        assertThat(scrape())
                .contains("trunkline_pool_clients{database=\"app\",state=\"waiting\",user=\"joe\"} 2.0")
                .contains("trunkline_pool_servers{" + leader + ",state=\"active\",user=\"joe\"} 2.0")
                .contains("trunkline_pool_servers{" + leader + ",state=\"idle\",user=\"joe\"} 2.0")
                .contains("trunkline_pool_servers_max{" + leader + ",user=\"joe\"} 20.0")
                .contains("trunkline_pool_waiting_clients{" + leader + ",user=\"joe\"} 2.0")
                .contains("trunkline_pool_oldest_wait_seconds{" + leader + ",user=\"joe\"} 1.5")
                .contains("trunkline_pool_begun_total{" + leader + ",user=\"joe\"} 82.0")
                .contains("trunkline_pool_servers_opened_total{" + leader + ",user=\"joe\"} 10.0")
                .contains("trunkline_pool_server_connect_failures_total{" + leader + ",user=\"joe\"} 2.0")
                .contains("trunkline_pool_servers_closed_total{database=\"app\",reason=\"lifetime\",role=\"leader\"");
    }

    @Test
    void scrape_tellsLeaderEligibilityAndLagOfEachMember() {
        assertThat(scrape())
                .contains("trunkline_cluster_has_leader{cluster=\"main\"} 1.0")
                .contains("trunkline_cluster_epoch{cluster=\"main\"} 2.0")
                .contains("trunkline_cluster_timeline{cluster=\"main\"} 7.0")
                .contains("trunkline_member_leader{cluster=\"main\",member=\"node1\"} 1.0")
                .contains("trunkline_member_leader{cluster=\"main\",member=\"node2\"} 0.0")
                .contains("trunkline_member_eligible{cluster=\"main\",member=\"node3\"} 0.0")
                .contains("trunkline_member_lag_bytes{cluster=\"main\",member=\"node2\"} 512.0")
                .contains("trunkline_member_lag_seconds{cluster=\"main\",member=\"node2\"} 1.5")
                .contains("trunkline_member_ramp{cluster=\"main\",member=\"node2\"} 0.5")
                .contains("trunkline_member_ramp{cluster=\"main\",member=\"node1\"} 1.0")
                .doesNotContain("trunkline_member_lag_seconds{cluster=\"main\",member=\"node3\"}")
                .doesNotContain("trunkline_member_lag_bytes{cluster=\"main\",member=\"node3\"}");
    }

    @Test
    void scrape_tellsWhatTheProcessAndItsRuntimeAreDoing() {
        state.health(ProxyState.Health.DRAINING);
        assertThat(scrape())
                .contains("trunkline_build_version{version=\"0.1.0\"} 1.0")
                .contains("trunkline_draining 1.0")
                .contains("trunkline_scrape_stale 0.0")
                .contains("trunkline_snapshot_timestamp_seconds 1.767323045E9")
                .contains("jvm_memory_used_bytes", "jvm_threads_live_threads", "process_uptime_seconds")
                .contains("process_cpu_usage", "process_files_open_files", "netty_allocator_memory_used");
    }

    @Test
    void scrape_asksTheWorkersOnceAndServesAllWhoAskMeanwhile() {
        CompletableFuture<ProxySnapshot> slow = new CompletableFuture<>();
        state.answer(slow);
        Metrics patient = new Metrics(state, "0.1.0", Runnable::run, Duration.ofSeconds(30));
        List<CompletableFuture<String>> scrapes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            scrapes.add(patient.scrape().toCompletableFuture());
        }
        assertThat(state.asked()).isEqualTo(1);

        slow.complete(ProxySnapshot.EMPTY);
        String text = scrapes.getFirst().join();
        assertThat(scrapes).allSatisfy(scrape -> assertThat(scrape).isCompletedWithValue(text));
        assertThat(patient.scrape().toCompletableFuture()).isCompleted();
        assertThat(state.asked()).isEqualTo(2);
        patient.close();
    }

    @Test
    void scrape_showsTheLastNumbersAsStaleWhenAWorkerHangs() {
        assertThat(scrape()).contains("trunkline_scrape_stale 0.0");
        state.answer(new CompletableFuture<>());

        assertThat(scrape())
                .contains("trunkline_scrape_stale 1.0")
                .contains("trunkline_client_received_bytes_total{database=\"app\"} 2000.0");

        state.answer(CompletableFuture.completedFuture(SampleState.snapshot("psql")));
        assertThat(scrape()).contains("trunkline_scrape_stale 0.0");
    }

    @Test
    void scrape_isStaleAndWithoutNumbersWhenTheFirstSnapshotFails() {
        state.answer(CompletableFuture.failedFuture(new IllegalStateException("boom")));

        assertThat(scrape())
                .contains("trunkline_scrape_stale 1.0")
                .doesNotContain("trunkline_client_received_bytes_total{");
    }

    @Test
    void scrape_thatCannotBeRenderedFailsAndTheNextOneRuns() {
        List<Runnable> refused = new ArrayList<>();
        Metrics unlucky = new Metrics(
                state,
                "0.1.0",
                task -> {
                    if (refused.isEmpty()) {
                        refused.add(task);
                        throw new IllegalStateException("the loop is shut down");
                    }
                    task.run();
                },
                Duration.ofSeconds(30));

        assertThatThrownBy(() -> unlucky.scrape().toCompletableFuture().join())
                .hasRootCauseMessage("the loop is shut down");
        assertThat(unlucky.scrape().toCompletableFuture()).isCompleted();
        unlucky.close();
    }

    /** Hazard S12: what a client writes is no label, so that a secret in it reaches no metric. */
    @Test
    void scrape_holdsNothingThatAClientWrote() {
        state.answer(CompletableFuture.completedFuture(SampleState.snapshot("password=planted-secret")));

        assertThat(scrape()).doesNotContain("planted-secret").contains("trunkline_pool_clients{");
    }

    private String scrape() {
        return metrics.scrape()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }
}
