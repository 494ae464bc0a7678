package dev.trunkline.server.client;

import dev.trunkline.pooler.backend.Parameters;
import dev.trunkline.server.config.PoolMode;
import java.util.ArrayList;
import java.util.List;

/** Sessions for those who only look after them. */
public final class SessionFixture implements AutoCloseable {
    private final FakeHome home = new FakeHome();
    private final List<FakeClient> clients = new ArrayList<>();

    /** A session that is logged in and idle. */
    public ClientSession open() {
        FakeClient client = new FakeClient(home, PoolMode.TRANSACTION, Parameters.NONE);
        clients.add(client);
        return client.channel.pipeline().get(ClientSession.class);
    }

    @Override
    public void close() {
        clients.forEach(FakeClient::close);
    }
}
