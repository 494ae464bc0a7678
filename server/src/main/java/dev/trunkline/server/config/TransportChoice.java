package dev.trunkline.server.config;

/** Which way of the operating system carries the sockets. */
public enum TransportChoice implements Keyword {
    /** The first that works here: epoll, then io_uring, then NIO. */
    AUTO("auto"),
    /** Linux io_uring; an error if the kernel forbids it. */
    IO_URING("io_uring"),
    /** Linux epoll. */
    EPOLL("epoll"),
    /** The JDK's own, everywhere. */
    NIO("nio");

    private final String keyword;

    TransportChoice(String keyword) {
        this.keyword = keyword;
    }

    @Override
    public String keyword() {
        return keyword;
    }
}
