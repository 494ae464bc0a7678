/** A client's connection, phase by phase: startup, authentication, greeting, session. */
@NullMarked
package dev.trunkline.server.client;

import org.jspecify.annotations.NullMarked;
