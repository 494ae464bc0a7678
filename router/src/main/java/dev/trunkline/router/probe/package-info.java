/** Asks servers by SQL what they are, on connections of the proxy's own. */
@NullMarked
package dev.trunkline.router.probe;

import org.jspecify.annotations.NullMarked;
