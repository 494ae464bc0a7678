/**
 * What the process knows about itself: the counters that each worker keeps, and the immutable picture that is put together
 * from all workers for the console and the metrics. Knows nothing of who reads it.
 */
@NullMarked
package dev.trunkline.server.state;

import org.jspecify.annotations.NullMarked;
