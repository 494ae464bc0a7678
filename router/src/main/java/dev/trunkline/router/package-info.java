/**
 * Which server a transaction goes to: the picture of the cluster ({@link dev.trunkline.router.Topology}), the rules by which
 * it changes, the watcher that keeps it true, and the choice among replicas.
 *
 * <p>The interfaces that sources of that picture implement ({@link dev.trunkline.router.Discovery},
 * {@link dev.trunkline.router.ServerProbe}) live here, their implementations one package further down.
 */
@NullMarked
package dev.trunkline.router;

import org.jspecify.annotations.NullMarked;
