package dev.trunkline.server.listen;

import dev.trunkline.server.testing.TestPostgres;
import dev.trunkline.server.testing.TestProxy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A proxy for all tests of a class, before a database of its own whose listeners share a connection. */
final class SharingProxy implements BeforeAllCallback, AfterAllCallback {
    private final String database;
    private final String settings;
    private @Nullable TestProxy proxy;

    /** @param settings of the database beside {@code listen}, as {@code pool_size: 2}; may be empty */
    SharingProxy(String name, String settings) {
        this.database = TestPostgres.get().createDatabase(name);
        this.settings = settings.isEmpty() ? "" : ", " + settings;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        proxy = TestProxy.before(TestPostgres.get(), database)
                .database(database, "listen: shared" + settings)
                .start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        proxy().close();
    }

    TestProxy proxy() {
        return Objects.requireNonNull(proxy, "not started");
    }

    String database() {
        return database;
    }

    /** A client that is logged in. */
    Listener client() {
        return Listener.of(proxy(), database);
    }
}
