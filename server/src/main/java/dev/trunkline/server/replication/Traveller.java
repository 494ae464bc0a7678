package dev.trunkline.server.replication;

import dev.trunkline.server.client.SessionIdentity;
import io.netty.channel.Channel;

/**
 * A client that has logged in and wants a replication connection.
 *
 * @param channel registered with the worker's loop
 * @param identity who it is
 * @param destination where its connection leads
 */
public record Traveller(Channel channel, SessionIdentity identity, Destination destination) {}
