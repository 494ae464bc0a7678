/**
 * The native configuration: strict YAML that is read into records, with every problem collected and placed. Nothing here
 * knows of sockets or of the protocol.
 */
@NullMarked
package dev.trunkline.server.config;

import org.jspecify.annotations.NullMarked;
