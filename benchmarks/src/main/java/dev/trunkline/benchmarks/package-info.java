/** Placeholder. */
@NullMarked
package dev.trunkline.benchmarks;

import org.jspecify.annotations.NullMarked;
