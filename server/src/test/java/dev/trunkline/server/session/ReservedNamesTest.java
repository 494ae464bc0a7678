package dev.trunkline.server.session;

import static dev.trunkline.server.testing.Frames.bind;
import static dev.trunkline.server.testing.Frames.concat;
import static dev.trunkline.server.testing.Frames.execute;
import static dev.trunkline.server.testing.Frames.parse;
import static dev.trunkline.server.testing.Frames.query;
import static dev.trunkline.server.testing.Frames.sync;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.RawClient;
import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that uses the names which the proxy gives on servers reaches nobody else's statements. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReservedNamesTest {
    private final String database = TestPostgres.get().createDatabase("reserved");
    private TestProxy proxy;
    private RawClient owner;
    private RawClient other;
    /** The server's name for the owner's statement. */
    private String name;

    @BeforeEach
    void start() {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "pool_size: 1")
                .start();
        owner = proxy.rawClient(database);
        other = proxy.rawClient(database);
        owner.send(concat(parse("s", "SELECT 'of the owner'"), sync()));
        assertThat(Message.types(owner.readToReady())).isEqualTo("1Z");
        owner.send(query("SELECT name FROM pg_prepared_statements"));
        name = owner.readToReady().stream()
                .filter(each -> each.type() == 'D')
                .map(each -> each.columns().getFirst())
                .findFirst()
                .orElseThrow();
    }

    @AfterEach
    void close() {
        owner.close();
        other.close();
        proxy.close();
    }

    private void ownerHasItsStatement() {
        owner.send(concat(bind("", "s", new String[0]), execute("", 0), sync()));
        assertThat(Message.types(owner.readToReady())).isEqualTo("2DCZ");
    }

    @Test
    void preparedTwice_isRefusedAndTheOwnersStays() {
        other.send(concat(parse(name, "SELECT 2"), sync()));
        assertThat(Message.types(other.readToReady())).isEqualTo("1Z");
        other.send(concat(parse(name, "SELECT 2"), sync()));
        List<Message> answer = other.readToReady();
        assertThat(Message.types(answer)).isEqualTo("EZ");
        assertThat(answer.getFirst().fields())
                .containsEntry('C', "42P05")
                .containsEntry('M', "prepared statement \"" + name + "\" already exists");
        ownerHasItsStatement();
    }

    @Test
    void preparedTwiceBySql_isRefusedAndTheOwnersStays() {
        other.send(query("PREPARE " + name + " AS SELECT 2"));
        assertThat(Message.types(other.readToReady())).isEqualTo("CZ");
        other.send(query("PREPARE " + name + " AS SELECT 2"));
        List<Message> answer = other.readToReady();
        assertThat(Message.types(answer)).isEqualTo("EZ");
        assertThat(answer.getFirst().fields())
                .containsEntry('C', "42P05")
                .containsEntry('M', "prepared statement \"" + name + "\" already exists");
        ownerHasItsStatement();
    }
}
