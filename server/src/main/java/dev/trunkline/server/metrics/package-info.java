/**
 * The numbers of the process in the form that Prometheus reads. Names begin with {@code trunkline_} and use base units;
 * docs/metrics.md lists them.
 */
@NullMarked
package dev.trunkline.server.metrics;

import org.jspecify.annotations.NullMarked;
