/**
 * The server side of SCRAM-SHA-256, from value to value: no socket, no thread, no clock.
 *
 * <p>Source: RFC 5802 and RFC 7677, PostgreSQL manual, "SASL Authentication", and the rules and texts of PostgreSQL's
 * {@code auth-scram.c}.
 */
@NullMarked
package dev.trunkline.wire.scram;

import org.jspecify.annotations.NullMarked;
