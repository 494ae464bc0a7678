/** What tests of the whole proxy share: a PostgreSQL server, a proxy before it, and a client that sends any bytes. */
@NullMarked
package dev.trunkline.server.testing;

import org.jspecify.annotations.NullMarked;
