package dev.trunkline.pooler.backend;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import java.security.SecureRandom;

/**
 * The surroundings in which the connections of one worker are opened.
 *
 * @param loop the worker's
 * @param channelType of the transport that the loop runs
 * @param resolver finds addresses off the loop
 * @param keyCache derives SCRAM keys off the loop
 * @param random for nonces
 */
public record BackendContext(
        EventLoop loop,
        Class<? extends SocketChannel> channelType,
        HostResolver resolver,
        ScramKeyCache keyCache,
        SecureRandom random) {}
