package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Statements that clients have named, for tests of other packages. */
public final class Named {
    private Named() {}

    /** The name of a client for a text without parameters. */
    public static ClientStatement statement(String name, String text) {
        Prepared prepared = new Prepared(0, (text + "\0\0\0").getBytes(UTF_8), new StatementSpace(new byte[0]));
        return new ClientStatement(name.getBytes(UTF_8), prepared);
    }
}
