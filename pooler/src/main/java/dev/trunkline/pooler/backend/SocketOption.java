package dev.trunkline.pooler.backend;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;

/** An option that the sockets of a transport have from their begin. Immutable. */
public record SocketOption<T>(ChannelOption<T> option, T value) {
    /** For the connection that it opens. */
    public void apply(Bootstrap bootstrap) {
        bootstrap.option(option, value);
    }

    /** For the connections that it accepts. */
    public void applyToAccepted(ServerBootstrap bootstrap) {
        bootstrap.childOption(option, value);
    }
}
