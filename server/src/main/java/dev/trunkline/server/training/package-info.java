/** What the proxy is rehearsed with when the AOT cache is made: stand-ins for PostgreSQL and Patroni, and a client. Never used by {@code run}. */
@NullMarked
package dev.trunkline.server.training;

import org.jspecify.annotations.NullMarked;
