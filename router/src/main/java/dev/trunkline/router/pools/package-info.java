/** The pools of one user on one database, one for the leader and one for each replica, kept in step with the topology. */
@NullMarked
package dev.trunkline.router.pools;

import org.jspecify.annotations.NullMarked;
