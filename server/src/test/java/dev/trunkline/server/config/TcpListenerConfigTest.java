package dev.trunkline.server.config;

import static dev.trunkline.server.config.ConfigLoaderTest.loaded;
import static dev.trunkline.server.config.ConfigLoaderTest.problems;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TcpListenerConfigTest {
    private static final String ONE = "main: { leader: \"localhost:5432\" }";
    private static final String TWO = ONE + ", other: { leader: \"localhost:5433\" }";

    private static String with(String listener, String clusters) {
        return """
                listeners: [ { port: 6432 }, { port: 6434%s } ]
                clusters: { %s }
                databases: { "*": { cluster: main } }
                auth_type: trust
                """.formatted(listener, clusters);
    }

    @Test
    void mode_isPoolUnlessItIsSaid() {
        assertThat(loaded(with("", ONE)).listeners())
                .extracting(ListenerConfig::mode)
                .containsExactly(ListenerMode.POOL, ListenerMode.POOL);
    }

    @Test
    void cluster_isTheOnlyOneIfThereIsOne() {
        assertThat(loaded(with(", mode: tcp", ONE)).listeners().getLast())
                .isEqualTo(new ListenerConfig("*", 6434, null, RouteChoice.AUTO, false, "main"))
                .extracting(ListenerConfig::mode)
                .isEqualTo(ListenerMode.TCP);
    }

    @Test
    void cluster_isToBeNamedIfThereAreSeveral() {
        assertThat(problems(with(", mode: tcp", TWO)))
                .containsExactly(
                        "1:44: \"cluster\" is missing in a listener with \"mode: tcp\"; there are \"main\", \"other\"");
        Config config = loaded(with(", mode: tcp, cluster: other, route: replica", TWO));
        assertThat(config.listeners().getLast())
                .isEqualTo(new ListenerConfig("*", 6434, null, RouteChoice.REPLICA, false, "other"));
    }

    @Test
    void clusterThatAListenerUses_isUsed() {
        LoadResult.Loaded result =
                (LoadResult.Loaded) ConfigLoader.parse(with(", mode: tcp, cluster: other", TWO), ConfigLoaderTest.FILE);
        assertThat(result.warnings()).isEmpty();
    }

    @Test
    void clusterThatIsNotThere_isAProblem() {
        assertThat(problems(with(", mode: tcp, cluster: mian", ONE)))
                .containsExactly("1:55: there is no cluster \"mian\"; did you mean \"main\"?");
    }

    @Test
    void clusterOfAListenerThatPools_isAProblem() {
        assertThat(problems(with(", cluster: main", ONE)))
                .containsExactly(
                        "1:44: \"cluster\" is for listeners with \"mode: tcp\"; here each database names its own");
    }

    @Test
    void unknownMode_isAProblem() {
        assertThat(problems(with(", mode: http", ONE)))
                .containsExactly("1:50: \"mode\" is \"http\"; expected one of pool, tcp");
    }

    @Test
    void unixSocket_isThereInEitherMode() {
        Config config = loaded("unix_socket_dir: /run\n" + with(", mode: tcp", ONE));
        assertThat(config.listeners())
                .extracting(ListenerConfig::unixSocket)
                .containsExactly("/run/.s.PGSQL.6432", "/run/.s.PGSQL.6434");
    }
}
