package dev.trunkline.server.auth;

import dev.trunkline.pooler.backend.Credentials;
import dev.trunkline.wire.ProtocolViolation;
import dev.trunkline.wire.message.SaslInitialResponse;
import dev.trunkline.wire.scram.ScramResult;
import dev.trunkline.wire.scram.ScramSecret;
import dev.trunkline.wire.scram.ScramServer;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;

/** SCRAM-SHA-256 inside SASL. Source: protocol chapter, "SASL Authentication". */
final class ScramExchange implements AuthExchange {
    private final Account account;
    private final ScramSecret secret;
    private final ScramServer server;
    private Awaited awaited = Awaited.NOTHING;

    private enum Awaited {
        NOTHING,
        INITIAL_RESPONSE,
        CLIENT_FIRST,
        CLIENT_FINAL
    }

    /**
     * An exchange about {@code account}.
     *
     * @param secret of the account, as it is stored or derived from the password
     * @param random must be fit for keys
     */
    ScramExchange(Account account, ScramSecret secret, RandomGenerator random) {
        this.account = account;
        this.secret = secret;
        this.server = new ScramServer(secret, random);
    }

    @Override
    public AuthStep start() {
        awaited = Awaited.INITIAL_RESPONSE;
        return new AuthStep.AskSasl(List.of(ScramSecret.MECHANISM));
    }

    @Override
    public AuthStep answer(byte[] body) {
        Awaited now = awaited;
        awaited = Awaited.NOTHING;
        return switch (now) {
            case NOTHING -> throw new IllegalStateException("nothing was asked");
            case INITIAL_RESPONSE -> initial(SaslInitialResponse.read(Unpooled.wrappedBuffer(body), 0, body.length));
            case CLIENT_FIRST -> first(body);
            case CLIENT_FINAL -> last(body);
        };
    }

    private AuthStep initial(SaslInitialResponse response) {
        if (!response.mechanism().equals(ScramSecret.MECHANISM)) {
            throw new ProtocolViolation("client selected an invalid SASL authentication mechanism");
        }
        byte[] data = response.data();
        if (data == null) {
            // RFC 4422, section 3.3: a client that sends nothing at first is asked by an empty challenge.
            awaited = Awaited.CLIENT_FIRST;
            return new AuthStep.AskSaslContinue(new byte[0]);
        }
        return first(data);
    }

    private AuthStep first(byte[] clientFirst) {
        byte[] serverFirst = server.first(clientFirst);
        awaited = Awaited.CLIENT_FINAL;
        return new AuthStep.AskSaslContinue(serverFirst);
    }

    private AuthStep last(byte[] clientFinal) {
        return switch (server.last(clientFinal)) {
            case ScramResult.Accepted accepted
            when account.isReal() -> new AuthStep.Granted(credentials(accepted.clientKey()), accepted.serverFinal());
            case ScramResult.Accepted _, ScramResult.Refused _ -> account.refused();
        };
    }

    /** A password is good for every server; without it the keys pass for a server that has the same secret. */
    private Credentials credentials(byte[] clientKey) {
        return account.secret() instanceof Secret.Plain
                ? Authenticator.credentials(account.secret())
                : new Credentials.ScramKeys(clientKey, serverKey());
    }

    private byte[] serverKey() {
        String text = secret.format();
        return Base64.getDecoder().decode(text.substring(text.lastIndexOf(':') + 1));
    }
}
