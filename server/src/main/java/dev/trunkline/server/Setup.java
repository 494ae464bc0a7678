package dev.trunkline.server;

import dev.trunkline.server.auth.UsersFile;
import dev.trunkline.server.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * All that a proxy is started with, checked and immutable.
 *
 * @param users null if the configuration names no users file
 */
public record Setup(Config config, @Nullable UsersFile users) {}
