package dev.trunkline.server.patroni;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Clients of the proxy that do the same small piece of work again and again, 20 ms after the one before, and connect again
 * after each error. What they saw is kept.
 */
final class Load {
    private static final int PAUSE_MILLIS = 20;
    /** So that identifiers of different clients never meet. */
    private static final long IDS_PER_CLIENT = 1_000_000_000L;

    private final String url;
    private final Work work;
    private final int firstClient;
    private final int clients;
    private final ScheduledExecutorService threads;
    private final Queue<Done> done = new ConcurrentLinkedQueue<>();
    private final Queue<Failure> failures = new ConcurrentLinkedQueue<>();
    private final Queue<Login> logins = new ConcurrentLinkedQueue<>();

    private Load(String url, Work work, int firstClient, int clients) {
        this.url = url;
        this.work = work;
        this.firstClient = firstClient;
        this.clients = clients;
        this.threads = Executors.newScheduledThreadPool(clients);
    }

    /** What a client does once. */
    @FunctionalInterface
    interface Work {
        /** Where it was done. */
        Place once(Connection connection, long id) throws SQLException;

        /** Called once for each new connection. */
        default void prepare(Connection connection) throws SQLException {
            connection.setAutoCommit(true);
        }
    }

    /**
     * The server that answered.
     *
     * @param port its own, not the proxy's
     * @param timeline on which it wrote; 0 if it did not
     */
    record Place(int port, int timeline) {}

    /** A piece of work that was acknowledged. */
    record Done(long id, Place place, long begunNanos, long endedNanos) {
        /** The number of the client. */
        int client() {
            return Load.client(id);
        }
    }

    /**
     * A piece of work, or a login, that failed.
     *
     * @param client the number of the client
     * @param step {@value #LOGIN} if it never had a connection, or the step that the work itself has named; else empty
     */
    record Failure(int client, String step, String state, String message, long begunNanos, long endedNanos) {
        private static final String LOGIN = "login";

        /** The step and the SQLSTATE, for tables. */
        String label() {
            return step.isEmpty() ? state : step + " " + state;
        }
    }

    /** A step of a piece of work has failed that is to be told from the others. */
    static final class StepFailure extends SQLException {
        private static final long serialVersionUID = 1;

        private final String step;

        StepFailure(String step, SQLException cause) {
            super(cause.getMessage(), cause.getSQLState(), cause);
            this.step = step;
        }
    }

    /** A login that succeeded. */
    record Login(long begunNanos, long endedNanos) {}

    /** Starts {@code clients} that connect to {@code url}. */
    static Load start(String url, Work work, int clients) {
        return start(url, work, 0, clients);
    }

    /** The same; their numbers begin with {@code firstClient}. */
    static Load start(String url, Work work, int firstClient, int clients) {
        Load load = new Load(url, work, firstClient, clients);
        for (int i = firstClient; i < firstClient + clients; i++) {
            Client client = load.new Client(i);
            load.threads.scheduleWithFixedDelay(client, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return load;
    }

    /** What was begun at {@code sinceNanos} or later and acknowledged, in the order of the acknowledgements. */
    List<Done> done(long sinceNanos) {
        return done.stream()
                .filter(one -> one.begunNanos() - sinceNanos >= 0)
                .sorted((a, b) -> Long.compare(a.endedNanos() - b.endedNanos(), 0))
                .toList();
    }

    /** What failed at {@code sinceNanos} or later. */
    List<Failure> failures(long sinceNanos) {
        return failures.stream()
                .filter(one -> one.endedNanos() - sinceNanos >= 0)
                .toList();
    }

    /** The longest time, in nanoseconds, in which a client had no answer, from the last one in front of the event on. */
    long longestGap(Moments moments) {
        Map<Integer, List<Done>> byClient = done(moments.clean()).stream().collect(Collectors.groupingBy(Done::client));
        long longest = 0;
        for (int client : clients().toArray()) {
            long before = moments.struck();
            for (Done one : byClient.getOrDefault(client, List.of())) {
                if (one.endedNanos() - moments.struck() > 0) {
                    longest = Math.max(longest, one.endedNanos() - before);
                }
                before = one.endedNanos();
            }
            longest = Math.max(longest, moments.end() - before);
        }
        return longest;
    }

    /** The logins that ended at {@code sinceNanos} or later. */
    List<Login> logins(long sinceNanos) {
        return logins.stream().filter(one -> one.endedNanos() - sinceNanos >= 0).toList();
    }

    /** The number of the client to which such an identifier belongs. */
    static int client(long id) {
        return (int) (id / IDS_PER_CLIENT);
    }

    /** The numbers of its clients. */
    IntStream clients() {
        return IntStream.range(firstClient, firstClient + clients);
    }

    /** What ended before that is of no interest any more. */
    void forget(long beforeNanos) {
        done.removeIf(one -> one.endedNanos() - beforeNanos < 0);
        failures.removeIf(one -> one.endedNanos() - beforeNanos < 0);
        logins.removeIf(one -> one.endedNanos() - beforeNanos < 0);
    }

    void end() throws InterruptedException {
        threads.shutdownNow();
        threads.awaitTermination(10, TimeUnit.SECONDS);
    }

    /** A login and nothing more: without the last property pgjdbc sends two SETs at once, which wait for a server. */
    static Connection connect(String url) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", PatroniCluster.USER);
        properties.setProperty("password", PatroniFile.PASSWORD);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("assumeMinServerVersion", "14");
        return DriverManager.getConnection(url, properties);
    }

    /** One client. Its runs never overlap. */
    private final class Client implements Runnable {
        private final int number;
        private long id;
        private Connection connection;

        Client(int number) {
            this.number = number;
            this.id = number * IDS_PER_CLIENT;
        }

        @Override
        public void run() {
            long begun = System.nanoTime();
            try {
                if (connection == null) {
                    connection = connect(url);
                    logins.add(new Login(begun, System.nanoTime()));
                    work.prepare(connection);
                    begun = System.nanoTime();
                }
                Place place = work.once(connection, ++id);
                done.add(new Done(id, place, begun, System.nanoTime()));
            } catch (SQLException e) {
                fail(e instanceof StepFailure failed ? failed.step : "", String.valueOf(e.getSQLState()), e, begun);
                hangUp();
            } catch (RuntimeException e) {
                fail("", "driver", e, begun);
                hangUp();
            }
        }

        private void fail(String step, String state, Exception why, long begun) {
            String where = connection == null ? Failure.LOGIN : step;
            failures.add(new Failure(number, where, state, String.valueOf(why.getMessage()), begun, System.nanoTime()));
        }

        private void hangUp() {
            List<SQLException> ignored = new ArrayList<>();
            try {
                if (connection != null) {
                    connection.close();
                }
            } catch (SQLException e) {
                ignored.add(e); // the failure before it has been noted
            }
            connection = null;
        }
    }
}
