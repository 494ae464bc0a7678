package dev.trunkline.router.probe;

import dev.trunkline.pooler.backend.BackendContext;
import dev.trunkline.pooler.backend.ConnectSettings;
import dev.trunkline.pooler.backend.ServerConnection;
import dev.trunkline.pooler.backend.ServerConnector;
import dev.trunkline.pooler.backend.ServerTarget;
import dev.trunkline.pooler.pool.CloseReason;
import dev.trunkline.pooler.pool.ConnectFailure;
import dev.trunkline.pooler.pool.ConnectResult;
import dev.trunkline.router.Endpoint;
import dev.trunkline.router.replay.WalLink;
import dev.trunkline.router.replay.WalQuestion;
import dev.trunkline.router.replay.WalWord;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Opens connections on which servers are asked by SQL how far their WAL is. Confined to the loop of the context. */
public final class PostgresLinks implements WalLink.Opener {
    private final BackendContext context;
    private final ServerTarget.Login login;
    private final String database;
    private final ConnectSettings settings;

    /** @param settings whose time limit holds for connect and login */
    public PostgresLinks(BackendContext context, ServerTarget.Login login, String database, ConnectSettings settings) {
        this.context = context;
        this.login = login;
        this.database = database;
        this.settings = settings;
    }

    @Override
    public void open(Endpoint server, WalLink.Owner owner) {
        ServerTarget target =
                new ServerTarget(server.host(), server.port(), database, login, ServerTarget.Standing.ANY);
        new ServerConnector(target, settings, context, ServerConnector.Trouble.IGNORED).connect(new Connected(owner));
    }

    /** How a connect ends. */
    private record Connected(WalLink.Owner owner) implements ConnectResult<ServerConnection> {
        @Override
        public void connected(ServerConnection connection) {
            Link link = new Link(connection, owner);
            connection.channel().closeFuture().addListener(_ -> link.lost("the server closed the connection"));
            owner.opened(link);
        }

        @Override
        public void failed(ConnectFailure failure) {
            owner.lost(failure.message());
        }

        @Override
        public boolean isWanted() {
            return true;
        }
    }

    /** One connection. */
    private static final class Link implements WalLink {
        private final ServerConnection connection;
        private final Owner owner;
        private boolean ended;

        Link(ServerConnection connection, Owner owner) {
            this.connection = connection;
            this.owner = owner;
        }

        @Override
        public void ask(WalQuestion question, Consumer<WalWord> answer) {
            RowReader.run(connection, question.sql()).whenComplete((row, failure) -> {
                if (failure == null) {
                    told(question, row, answer);
                } else {
                    lost(String.valueOf(failure.getMessage()));
                }
            });
        }

        @Override
        public void close() {
            ended = true;
            connection.close(CloseReason.CHECK_FAILED);
        }

        private void told(WalQuestion question, List<@Nullable String> row, Consumer<WalWord> answer) {
            if (ended) {
                return;
            }
            WalWord word;
            try {
                word = question.read(row);
            } catch (IllegalArgumentException e) {
                lost("it was not understood: " + e.getMessage());
                return;
            }
            answer.accept(word);
        }

        private void lost(String why) {
            if (!ended) {
                close();
                owner.lost(why);
            }
        }
    }
}
