/** The gate that fails a test run in which a buffer leaked; compiled into the tests of every module. */
@NullMarked
package dev.trunkline.leaks;

import org.jspecify.annotations.NullMarked;
