/** The HTTP side of the process: metrics and health, on an event loop of its own. */
@NullMarked
package dev.trunkline.server.http;

import org.jspecify.annotations.NullMarked;
