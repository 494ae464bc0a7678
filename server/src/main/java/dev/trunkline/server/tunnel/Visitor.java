package dev.trunkline.server.tunnel;

import io.netty.channel.Channel;

/**
 * A client's connection that is to be passed through.
 *
 * @param id unique among all connections of the process
 * @param channel registered with the worker's loop
 * @param arrivedAtMillis in milliseconds since 1970
 */
public record Visitor(long id, Channel channel, Entrance entrance, long arrivedAtMillis) {}
