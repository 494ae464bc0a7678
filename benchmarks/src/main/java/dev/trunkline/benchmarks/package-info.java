/**
 * JMH benchmarks of the parts that every query passes through. Run with {@code -prof gc}: on this path the allocation per
 * operation matters as much as the time.
 */
@NullMarked
package dev.trunkline.benchmarks;

import org.jspecify.annotations.NullMarked;
