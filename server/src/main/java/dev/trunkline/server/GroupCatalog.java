package dev.trunkline.server;

import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.ReadCache;
import dev.trunkline.server.catalog.CatalogWatch;
import dev.trunkline.server.client.ReadCatalog;
import java.util.function.Supplier;

/**
 * What the clients of one pool know of their database's catalog, which is looked at in the name of their user.
 *
 * @param login with the newest credentials; asked on the loop of the pool
 */
record GroupCatalog(CatalogWatch watch, Supplier<ServerTarget.Login> login) implements ReadCatalog {
    @Override
    public CatalogFacts facts() {
        return watch.facts();
    }

    @Override
    public ReadCache cache() {
        return watch.cache();
    }

    @Override
    public void wanted() {
        watch.wanted(login.get());
    }

    @Override
    public void changed() {
        watch.changed();
    }
}
