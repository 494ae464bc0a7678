/**
 * Looks at the catalogs of databases in the background, so that routing knows what their functions and views do. Nothing here runs on
 * the loop of a worker.
 */
@NullMarked
package dev.trunkline.server.catalog;

import org.jspecify.annotations.NullMarked;
