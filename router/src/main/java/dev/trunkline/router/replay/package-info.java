/** How far replicas have replayed what was written on the leader, sampled often enough that a client can read what it has written. */
@NullMarked
package dev.trunkline.router.replay;

import org.jspecify.annotations.NullMarked;
