/** Placeholder. */
@NullMarked
package dev.trunkline.router;

import org.jspecify.annotations.NullMarked;
