package dev.trunkline.server.auth;

/** No proof is asked for. */
final class TrustExchange implements AuthExchange {
    private final Account account;

    TrustExchange(Account account) {
        this.account = account;
    }

    @Override
    public AuthStep start() {
        return account.isReal()
                ? new AuthStep.Granted(Authenticator.credentials(account.secret()), null)
                : account.refused();
    }

    @Override
    public AuthStep answer(byte[] body) {
        throw new IllegalStateException("nothing was asked");
    }
}
