/**
 * How clients prove who they are: the users file, and exchanges that turn one message of the client into one step, value to
 * value and without any I/O.
 */
@NullMarked
package dev.trunkline.server.auth;

import org.jspecify.annotations.NullMarked;
