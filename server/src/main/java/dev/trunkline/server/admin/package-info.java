/**
 * The admin console: the database {@code pgbouncer}, in PgBouncer's own words, so that its exporters and runbooks go on
 * working. Result sets have the names, order and types of PgBouncer 1.25's source.
 */
@NullMarked
package dev.trunkline.server.admin;

import org.jspecify.annotations.NullMarked;
