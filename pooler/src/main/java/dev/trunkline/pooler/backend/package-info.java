/** One server connection and everything that dies with it: login, outstanding replies, parameters, cancel requests. */
@NullMarked
package dev.trunkline.pooler.backend;

import org.jspecify.annotations.NullMarked;
