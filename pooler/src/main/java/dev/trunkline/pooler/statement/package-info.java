/** Named prepared statements of clients, mapped onto the names that server connections know. */
@NullMarked
package dev.trunkline.pooler.statement;

import org.jspecify.annotations.NullMarked;
