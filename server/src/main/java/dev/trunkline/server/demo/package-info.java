/**
 * What {@code trunkline demo} starts beside the proxy: a PostgreSQL leader and a streaming replica that live and die with it.
 * Everything here runs on the thread of the command line and blocks it.
 */
@NullMarked
package dev.trunkline.server.demo;

import org.jspecify.annotations.NullMarked;
