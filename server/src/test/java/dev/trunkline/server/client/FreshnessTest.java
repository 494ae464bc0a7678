package dev.trunkline.server.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.Consistency;
import dev.trunkline.server.config.NoReplica;
import dev.trunkline.server.config.PoolMode;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FreshnessTest {
    private final FakeHome home = new FakeHome();

    @Test
    void eventual_notesNothing() {
        Freshness freshness = of(Consistency.EVENTUAL);
        freshness.written();

        assertThat(freshness.isChoosy()).isFalse();
        assertThat(freshness.test(home.pools().leader())).isTrue();
    }

    @Test
    void session_choosesOnceSomethingWasWritten() {
        Freshness freshness = of(Consistency.SESSION);
        assertThat(freshness.isChoosy()).isFalse();
        assertThat(freshness.test(home.pools().leader())).isTrue();

        freshness.written();

        assertThat(freshness.isChoosy()).isTrue();
        assertThat(freshness.test(home.pools().leader()))
                .as("what nothing is known of")
                .isFalse();
    }

    @Test
    void sessionBySetting_countsWhatWasWrittenBefore() {
        Freshness freshness = of(Consistency.EVENTUAL);
        freshness.follow(Parameters.NONE);
        freshness.written();

        freshness.follow(Parameters.of(Map.of("trunkline.consistency", "SESSION")));

        assertThat(freshness.isChoosy()).isTrue();
    }

    @Test
    void sessionFromTheBeginning_hasWrittenNothing() {
        Freshness freshness = of(Consistency.EVENTUAL);
        freshness.follow(Parameters.of(Map.of("trunkline.consistency", "session")));

        assertThat(freshness.consistency()).isEqualTo(Consistency.SESSION);
        assertThat(freshness.isChoosy()).isFalse();
    }

    @Test
    void settingThatMeansNothing_isAsConfigured() {
        Freshness freshness = of(Consistency.LEADER);
        freshness.follow(Parameters.of(Map.of("trunkline.consistency", "sometimes")));

        assertThat(freshness.consistency()).isEqualTo(Consistency.LEADER);
    }

    private Freshness of(Consistency configured) {
        ReadTraits reads = new ReadTraits(configured, NoReplica.LEADER, false, null);
        return new Freshness(
                FakeClient.traits(PoolMode.TRANSACTION, SessionTraits.Destination.BY_TRANSACTION, reads), home);
    }
}
