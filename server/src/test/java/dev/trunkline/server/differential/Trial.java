package dev.trunkline.server.differential;

import dev.trunkline.server.testing.Message;
import dev.trunkline.server.testing.TestPostgres;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Plays scenarios, each before a new proxy and on clean databases. Used by one thread. */
final class Trial {
    /** Longer than PostgreSQL keeps an identifier, so that it tells so, in a failed transaction too, and nothing changes by it. */
    private static final String SENTINEL = "sentinel_%d_" + "x".repeat(64);

    private final Databases databases;
    private final Endpoint.Maker maker;
    private final Answers answers;
    private final int limitMillis;

    /** @param limitMillis silence for so long is a difference */
    Trial(Databases databases, Endpoint.Maker maker, int limitMillis) {
        this.databases = databases;
        this.maker = maker;
        this.answers = new Answers(databases.lastOid());
        this.limitMillis = limitMillis;
    }

    /** The same with another limit. */
    Trial withLimit(int millis) {
        return new Trial(databases, maker, millis);
    }

    /** Plays it up to its end or to the first difference. */
    Played play(Scenario scenario) {
        databases.reset();
        try (Endpoint endpoint = maker.make(scenario.setting(), databases.proxiedName())) {
            Run run = new Run(scenario, endpoint);
            try {
                return new Played(scenario, run.exchanges, run.all());
            } finally {
                run.clients.forEach(Client::close);
            }
        }
    }

    /** One scenario while it is played. */
    private final class Run implements Client.Logins {
        private final Scenario scenario;
        private final Endpoint endpoint;
        private final List<Client> clients = new ArrayList<>();
        private final List<Exchange> exchanges = new ArrayList<>();
        private int sentinels;

        Run(Scenario scenario, Endpoint endpoint) {
            this.scenario = scenario;
            this.endpoint = endpoint;
        }

        @Nullable
        Difference all() {
            Difference found = null;
            for (int i = 0; i < scenario.setting().clients().size() && found == null; i++) {
                clients.add(new Client(i, this));
                found = compareLogin(clients.getLast());
            }
            for (int i = 0; i < scenario.steps().size() && found == null; i++) {
                found = next(scenario.steps().get(i));
            }
            return found == null ? atTheEnd() : found;
        }

        private @Nullable Difference next(Step step) {
            Client client = clients.get(step.client());
            Difference found = inTurn(client, step);
            if (found == null && (client.ended() || step.ending() == Step.Ending.TERMINATE)) {
                client.comeBack();
                found = compareLogin(client);
            }
            return found;
        }

        private @Nullable Difference inTurn(Client client, Step step) {
            Difference found = client.holds() ? null : makeRoom();
            return found == null ? play(client, step) : found;
        }

        /** A client that holds a server connection would let others wait for ever, since it gets no turn. */
        private @Nullable Difference makeRoom() {
            List<Client> holders = clients.stream().filter(Client::holds).toList();
            return holders.size() < scenario.setting().pool()
                    ? null
                    : play(holders.getFirst(), toBoundary(holders.getFirst()));
        }

        /** The Sync comes first, lest the rest be ignored. */
        private static Step toBoundary(Client client) {
            return Step.of(client.number(), Sent.sync(), Sent.query("ROLLBACK"));
        }

        private @Nullable Difference play(Client client, Step step) {
            String word = SENTINEL.formatted(++sentinels);
            Client.Answer answer = client.play(step, word);
            return compare(client, answer, answers.inOrder(answer.direct()), answers.inOrder(answer.proxied()));
        }

        private @Nullable Difference compareLogin(Client client) {
            Client.Answer answer = client.login();
            return compare(client, answer, answers.ofLogin(answer.direct()), answers.ofLogin(answer.proxied()));
        }

        private @Nullable Difference compare(
                Client client, Client.Answer answer, List<String> direct, List<String> proxied) {
            exchanges.add(new Exchange(client.number(), answer.sent(), direct, proxied));
            return first(answer.sent().isEmpty() ? "login" : "answer", direct, proxied);
        }

        private @Nullable Difference first(String where, List<String> direct, List<String> proxied) {
            for (int i = 0; i < Math.max(direct.size(), proxied.size()); i++) {
                String here = i < direct.size() ? direct.get(i) : Difference.NOTHING;
                String there = i < proxied.size() ? proxied.get(i) : Difference.NOTHING;
                if (!here.equals(there) || here.charAt(0) == Answers.SILENCE) {
                    return Difference.of(where, exchanges.size() - 1, here, there);
                }
            }
            return null;
        }

        private @Nullable Difference atTheEnd() {
            for (Client client : clients) {
                // What was told while it was idle comes at the latest with this.
                Difference found = inTurn(client, toBoundary(client));
                if (found == null && !client.ended()) {
                    Client.Answer answer = client.notifications();
                    found = first("notifications", texts(answer.direct()), texts(answer.proxied()));
                }
                if (found != null) {
                    return found;
                }
            }
            return first("contents", databases.directContents(), databases.proxiedContents());
        }

        private List<String> texts(List<Message> messages) {
            return answers.atAnyTime(messages);
        }

        @Override
        public Twin direct(int number) {
            return login(TestPostgres.get().port(), databases.directName(), number);
        }

        @Override
        public Twin proxied(int number) {
            return login(endpoint.port(), databases.proxiedName(), number);
        }

        @Override
        public void left() {
            databases.awaitSameLocks();
        }

        private Twin login(int port, String database, int number) {
            return Twin.login(port, database, scenario.setting().clients().get(number), limitMillis);
        }
    }
}
