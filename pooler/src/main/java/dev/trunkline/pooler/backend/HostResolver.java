package dev.trunkline.pooler.backend;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Turns host names into addresses, on an executor where that may block. Thread-safe. The JVM caches answers for as long as
 * its security property {@code networkaddress.cache.ttl} says.
 */
public final class HostResolver {
    private final Executor executor;

    public HostResolver(Executor executor) {
        this.executor = executor;
    }

    /** The address; at once where the host is written as numbers. Completes exceptionally if the name is unknown. */
    public CompletionStage<InetSocketAddress> resolve(String host, int port) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null) {
            return CompletableFuture.completedFuture(new InetSocketAddress(lookUp(host), port));
        }
        return CompletableFuture.supplyAsync(() -> new InetSocketAddress(lookUp(host), port), executor);
    }

    /** What a stage of {@link #resolve} failed with, as a sentence. */
    static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return String.valueOf(cause.getMessage());
    }

    private static InetAddress lookUp(String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new CompletionException(new UnknownHostException("could not translate host name \"" + host + "\""));
        }
    }
}
