/**
 * Proves of SQL text that it only reads, so that it may run on a replica: by its own words, and by what the leader's catalog says
 * of the names in it. Whatever is not certain is not proven.
 */
@NullMarked
package dev.trunkline.router.reads;

import org.jspecify.annotations.NullMarked;
