package dev.trunkline.server.client;

import dev.trunkline.router.reads.CatalogFacts;
import dev.trunkline.router.reads.ReadCache;

/** What is known of the functions of one database. Thread-safe. */
public interface ReadCatalog {
    /** As of the last look at the leader's catalog. */
    CatalogFacts facts();

    /** What was found out of texts by them. */
    ReadCache cache();

    /** Somebody would have needed facts and there were none. */
    void wanted();

    /** Something that is in the catalog may have been changed, and that is committed. */
    void changed();
}
