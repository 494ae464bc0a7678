/** Placeholder. */
@NullMarked
package dev.trunkline.pooler;

import org.jspecify.annotations.NullMarked;
