/**
 * Reads SQL text as far as routing needs it, without allocating. The lexical rules are those of the PostgreSQL manual's
 * chapter "Lexical Structure"; whatever is not certain is said to be unknown.
 */
@NullMarked
package dev.trunkline.router.sql;

import org.jspecify.annotations.NullMarked;
