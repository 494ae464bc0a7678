@org.jspecify.annotations.NullMarked
package dev.trunkline.server.replay;
