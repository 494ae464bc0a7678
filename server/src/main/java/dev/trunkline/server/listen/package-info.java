/** Clients that listen share one server connection: who listens for what, and how notifications come to them. */
@NullMarked
package dev.trunkline.server.listen;

import org.jspecify.annotations.NullMarked;
