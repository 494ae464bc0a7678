/** Replication connections: each client has a server connection of its own, and what one says the other hears as it is. */
@NullMarked
package dev.trunkline.server.replication;

import org.jspecify.annotations.NullMarked;
