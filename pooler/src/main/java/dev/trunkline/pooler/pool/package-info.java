/**
 * A pool of connections of any kind, confined to one event loop. It knows neither PostgreSQL nor sockets: a
 * {@link dev.trunkline.pooler.pool.Connector} opens, checks and closes what is pooled.
 *
 * <p>The one class that several loops share is {@link dev.trunkline.pooler.pool.PermitLimit}.
 */
@NullMarked
package dev.trunkline.pooler.pool;

import org.jspecify.annotations.NullMarked;
