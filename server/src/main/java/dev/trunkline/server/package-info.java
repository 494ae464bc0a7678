/** Placeholder. */
@NullMarked
package dev.trunkline.server;

import org.jspecify.annotations.NullMarked;
