package dev.trunkline.server.client;

import dev.trunkline.router.reads.Classified;
import dev.trunkline.router.sql.SqlLexer;

/**
 * What is known of the text of a prepared statement, kept with it so that its use costs no look at the text. Immutable.
 *
 * @param classified what it was proven to be, and what its comment asks for
 * @param leavesNothing whether it leaves nothing in the session
 * @param epoch of the facts by which that was found out
 * @param version of what was known then of functions that leave something
 * @param backslash how its strings were read
 */
record TextNote(Classified classified, boolean leavesNothing, long epoch, int version, SqlLexer.Backslash backslash) {}
