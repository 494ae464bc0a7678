/** Texts and names as bytes: hashed and compared where they lie. */
@NullMarked
package dev.trunkline.wire.bytes;

import org.jspecify.annotations.NullMarked;
