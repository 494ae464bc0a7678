package dev.trunkline.pooler.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;

class UnixSocketsTest {
    @Test
    void path_isWherePostgresqlHasIt() {
        assertThat(UnixSockets.path("/run/postgresql", 5432)).isEqualTo("/run/postgresql/.s.PGSQL.5432");
        assertThat(UnixSockets.path("@/run/pg", 6432)).isEqualTo("@/run/pg/.s.PGSQL.6432");
        assertThat(UnixSockets.path("/", 1)).isEqualTo("/.s.PGSQL.1");
    }

    @Test
    void directory_beginsWithASlashOrTheSignOfAbstractNames() {
        assertThat(UnixSockets.isDirectory("/tmp")).isTrue();
        assertThat(UnixSockets.isDirectory("@name")).isTrue();
        assertThat(UnixSockets.isDirectory("localhost")).isFalse();
        assertThat(UnixSockets.isAbstract("@name")).isTrue();
        assertThat(UnixSockets.isAbstract("/tmp")).isFalse();
    }

    @Test
    void port_isReadFromThePath() {
        assertThat(UnixSockets.port("/run/postgresql/.s.PGSQL.5432")).isEqualTo(5432);
        assertThat(UnixSockets.port("\0name/.s.PGSQL.6432")).isEqualTo(6432);
        assertThat(UnixSockets.port("/run/postgresql/.s.PGSQL.5432.lock")).isZero();
        assertThat(UnixSockets.port("")).isZero();
    }

    /** The limit counts bytes, of which one character may be several. */
    @Test
    void fits_upToTheKernelsLimit() {
        assertThat(UnixSockets.fits("/" + "x".repeat(106))).isTrue();
        assertThat(UnixSockets.fits("/" + "x".repeat(107))).isFalse();
        assertThat(UnixSockets.fits("/" + "ä".repeat(53))).isTrue();
        assertThat(UnixSockets.fits("/" + "ä".repeat(54))).isFalse();
    }

    @Test
    void identity_namesTheDirectoryAsItIsConfigured() {
        ServerIdentity session = new ServerIdentity(
                UnixDomainSocketAddress.of("/run/postgresql/.s.PGSQL.5432"), "app", "db", null, Parameters.NONE);
        assertThat(session).hasToString("app@/run/postgresql:5432/db pid 0");
        assertThat(UnixSockets.hostAndPort("\0name/.s.PGSQL.6432")).isEqualTo("@name:6432");
        assertThat(UnixSockets.hostAndPort("/elsewhere")).isEqualTo("/elsewhere");
    }

    @Test
    void nio_hasNoAbstractSockets() {
        assertThatThrownBy(() -> Sockets.nio().unixAddress("@name/.s.PGSQL.6432"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the transport nio has no abstract Unix sockets such as @name/.s.PGSQL.6432");
    }
}
