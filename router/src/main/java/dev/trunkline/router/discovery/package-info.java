/** The sources that say which servers a cluster has: Patroni's REST API, the etcd in which it keeps its state, the servers themselves, a fixed list. */
@NullMarked
package dev.trunkline.router.discovery;

import org.jspecify.annotations.NullMarked;
