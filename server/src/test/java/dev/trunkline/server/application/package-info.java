/** Real applications through a proxy in this JVM, before a leader and a replica. */
package dev.trunkline.server.application;
