package dev.trunkline.server.application;

import static dev.trunkline.server.application.Stage.connect;
import static dev.trunkline.server.application.Stage.run;
import static dev.trunkline.server.application.Stage.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Parameters belong to the client that set them, though all clients share one server connection. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class SessionParametersTest {
    private static final String DATABASE = "parameters";

    private static TestProxy proxy;

    @BeforeAll
    static void start() throws SQLException {
        Stage.createDatabase(DATABASE);
        proxy = Stage.proxy()
                .database(DATABASE, "pool_size: 1")
                .global("ignore_startup_parameters: [ extra_float_digits, not_a_parameter ]")
                .start();
    }

    @AfterAll
    static void stop() {
        proxy.close();
    }

    // Hazard R1
    @Test
    void startupOptions_areSeenByTheClientThatGaveThemAndByNoOther() throws SQLException {
        try (Connection setup = connect(proxy, DATABASE, "")) {
            run(setup, "CREATE SCHEMA \"odd,schema\"", "CREATE TABLE \"odd,schema\".here (id int)");
        }
        Properties properties = new Properties();
        properties.setProperty("user", TestPostgres.USER);
        properties.setProperty("password", TestPostgres.PASSWORD);
        properties.setProperty("currentSchema", "\"odd,schema\",public");
        properties.setProperty("options", "-c statement_timeout=4321 -c work_mem=5MB --lock-timeout=77s");
        properties.setProperty("ApplicationName", "it's \"quoted\", \\ and more");
        try (Connection plain = connect(proxy, DATABASE, "");
                Connection wishful = DriverManager.getConnection(proxy.jdbcUrl(DATABASE, ""), properties)) {
            for (int round = 0; round < 5; round++) {
                assertThat(text(wishful, "SELECT count(*) FROM here")).isEqualTo("0");
                assertThat(text(wishful, "SHOW search_path")).isEqualTo("\"odd,schema\",public");
                assertThat(text(wishful, "SHOW statement_timeout")).isEqualTo("4321ms");
                assertThat(text(wishful, "SHOW work_mem")).isEqualTo("5MB");
                assertThat(text(wishful, "SHOW lock_timeout")).isEqualTo("77s");
                assertThat(text(wishful, "SHOW application_name")).isEqualTo("it's \"quoted\", \\ and more");

                assertThat(text(plain, "SHOW search_path")).isEqualTo("\"$user\", public");
                assertThat(text(plain, "SHOW statement_timeout")).isEqualTo("0");
                assertThat(text(plain, "SHOW work_mem")).isEqualTo("4MB");
                assertThat(text(plain, "SHOW lock_timeout")).isEqualTo("0");
                assertThat(text(plain, "SHOW application_name")).isEqualTo("PostgreSQL JDBC Driver");
            }
        }
    }

    // Hazard S15: two startup packets must not be taken for one another because their values look alike when written in
    // a row.
    @Test
    void startupOptions_thatLookAlikeWhenWrittenInARow_areKeptApart() throws SQLException {
        try (Connection one = connect(proxy, DATABASE, options("-c my.text=x,\\ work_mem=7MB"));
                Connection two = connect(proxy, DATABASE, options("-c my.text=x -c work_mem=7MB"))) {
            assertThat(text(one, "SHOW my.text")).isEqualTo("x, work_mem=7MB");
            assertThat(text(one, "SHOW work_mem")).isEqualTo("4MB");
            assertThat(text(two, "SHOW my.text")).isEqualTo("x");
            assertThat(text(two, "SHOW work_mem")).isEqualTo("7MB");
        }
    }

    private static String options(String options) {
        return "options=" + URLEncoder.encode(options, StandardCharsets.UTF_8);
    }

    // Hazard R1
    @Test
    void reportedParameters_ofInterleavedClients_areEachClientsOwn() throws SQLException {
        List<String> names = List.of(
                "DateStyle",
                "TimeZone",
                "client_encoding",
                "application_name",
                "IntervalStyle",
                "standard_conforming_strings");
        List<String> ones = List.of("ISO, DMY", "Asia/Tokyo", "LATIN1", "it's one\\", "sql_standard", "off");
        List<String> twos = List.of("ISO, YMD", "America/Lima", "WIN1252", "two, \"2\"", "iso_8601", "on");
        try (Connection one = simple();
                Connection two = simple();
                Connection three = simple()) {
            String untouched = values(three, names);
            for (int i = 0; i < names.size(); i++) {
                set(one, names.get(i), ones.get(i));
                set(two, names.get(i), twos.get(i));
            }
            for (int round = 0; round < 3; round++) {
                assertThat(values(one, names)).isEqualTo(String.join("|", ones));
                assertThat(values(two, names)).isEqualTo(String.join("|", twos));
                assertThat(values(three, names)).isEqualTo(untouched);
            }
        }
    }

    /** The driver itself does not allow all that is set here, except in this mode. */
    private static Connection simple() throws SQLException {
        return connect(proxy, DATABASE, "preferQueryMode=simple&allowEncodingChanges=true&assumeMinServerVersion=9.0");
    }

    private static void set(Connection connection, String name, String value) throws SQLException {
        run(connection, "SELECT set_config('" + name + "', $$" + value + "$$, false)");
    }

    private static String values(Connection connection, List<String> names) throws SQLException {
        StringBuilder query = new StringBuilder("SELECT concat_ws('|'");
        names.forEach(name -> query.append(", current_setting('").append(name).append("')"));
        return text(connection, query.append(")").toString());
    }

    // Hazard R1
    @Test
    void setInATransaction_isUndoneByRollbackAndKeptByCommit() throws SQLException {
        try (Connection one = connect(proxy, DATABASE, "");
                Connection two = connect(proxy, DATABASE, "")) {
            one.setAutoCommit(false);
            run(one, "SET TimeZone = 'Asia/Tokyo'");
            one.rollback();
            assertThat(text(two, "SHOW TimeZone")).isNotEqualTo("Asia/Tokyo");
            assertThat(text(one, "SHOW TimeZone")).isNotEqualTo("Asia/Tokyo");
            run(one, "SET TimeZone = 'Asia/Tokyo'");
            one.commit();
            run(one, "SET LOCAL TimeZone = 'America/Lima'");
            one.commit();
            assertThat(text(two, "SHOW TimeZone")).isNotEqualTo("Asia/Tokyo");
            assertThat(text(one, "SHOW TimeZone")).isEqualTo("Asia/Tokyo");
            one.commit();
        }
    }

    @Test
    void invalidStartupParameter_isRefusedWithTheServersWords() throws SQLException {
        for (String options : List.of("-c no_such_parameter=1", "-c work_mem=lots", "-c shared_buffers=1MB")) {
            assertThatThrownBy(() -> connect(proxy, DATABASE, options(options)))
                    .as(options)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining(options.substring(3, options.indexOf('=')));
        }
        try (Connection plain = connect(proxy, DATABASE, "")) {
            assertThat(text(plain, "SHOW work_mem")).isEqualTo("4MB");
        }
    }

    @Test
    void ignoredStartupParameter_neverReachesTheServer() throws SQLException {
        try (Connection connection = connect(proxy, DATABASE, options("-c not_a_parameter=1 -c work_mem=6MB"))) {
            assertThat(text(connection, "SHOW work_mem")).isEqualTo("6MB");
        }
    }

    // Hazard R1
    @Test
    void discardAll_goesBackToWhatTheClientAskedForAtItsStart() throws SQLException {
        try (Connection one = connect(
                        proxy,
                        DATABASE,
                        "assumeMinServerVersion=9.0&ApplicationName=first&" + options("-c work_mem=6MB"));
                Connection two = connect(proxy, DATABASE, "")) {
            run(one, "SET application_name = 'second'");
            run(one, "DISCARD ALL");
            assertThat(text(one, "SHOW application_name")).isEqualTo("first");
            assertThat(text(two, "SHOW work_mem")).isEqualTo("4MB");
            assertThat(text(one, "SHOW work_mem")).isEqualTo("6MB");
        }
    }

    @Test
    void wrongPassword_isTheServersSqlState() {
        assertThatThrownBy(() ->
                        DriverManager.getConnection(proxy.jdbcUrl(DATABASE, ""), TestPostgres.USER, "not the password"))
                .asInstanceOf(type(SQLException.class))
                .returns("28P01", SQLException::getSQLState);
    }
}
