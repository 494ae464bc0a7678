package dev.trunkline.pooler.backend;

import io.netty.channel.EventLoop;
import java.security.SecureRandom;

/**
 * The surroundings in which the connections of one worker are opened.
 *
 * @param loop the worker's
 * @param sockets of the transport that the loop runs
 * @param resolver finds addresses off the loop
 * @param keyCache derives SCRAM keys off the loop
 * @param random for nonces
 */
public record BackendContext(
        EventLoop loop, Sockets sockets, HostResolver resolver, ScramKeyCache keyCache, SecureRandom random) {}
