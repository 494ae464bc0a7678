/** Tests of what other poolers have got wrong, each through a whole proxy before a real server. */
@NullMarked
package dev.trunkline.server.hazard;

import org.jspecify.annotations.NullMarked;
