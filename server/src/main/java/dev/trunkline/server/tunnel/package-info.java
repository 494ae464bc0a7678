/**
 * Connections of listeners in the mode tcp: each has a server connection of its own, and bytes pass without being read. What joins
 * two connections is used by replication connections too.
 */
@NullMarked
package dev.trunkline.server.tunnel;

import org.jspecify.annotations.NullMarked;
