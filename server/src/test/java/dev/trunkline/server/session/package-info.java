/** The state of sessions over server connections: nothing leaks to the next client, and nothing is lost to its own. */
@NullMarked
package dev.trunkline.server.session;

import org.jspecify.annotations.NullMarked;
