/** A Patroni cluster of real processes, the load on it, and what failovers do to that load. */
package dev.trunkline.server.patroni;
