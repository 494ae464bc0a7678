package dev.trunkline.server.differential;

/**
 * The first answer that was not the same.
 *
 * @param signature the same for differences that have likely one cause
 * @param exchange where, as an index into the exchanges; the last one for what is found at the end
 * @param direct what PostgreSQL said
 * @param proxied what came through the proxy
 */
record Difference(String signature, int exchange, String direct, String proxied) {
    /** Said of a side that had no more to say. */
    static final String NOTHING = "- nothing";

    /** A difference of two answers. */
    static Difference of(String where, int exchange, String direct, String proxied) {
        String signature = where + ": " + Answers.kind(direct) + " <> " + Answers.kind(proxied);
        return new Difference(
                Answers.kind(direct).equals(Answers.kind(proxied))
                        ? signature + " in " + part(direct, proxied)
                        : signature,
                exchange,
                direct,
                proxied);
    }

    /** Which part of two answers of one kind differs: the letter of a field, or the whole. */
    private static String part(String direct, String proxied) {
        int at = 0;
        while (at < Math.min(direct.length(), proxied.length()) && direct.charAt(at) == proxied.charAt(at)) {
            at++;
        }
        int field = direct.lastIndexOf('=', Math.min(at, direct.length() - 1));
        boolean fields = direct.charAt(0) == 'E' || direct.charAt(0) == 'N';
        return fields && field > 0 ? String.valueOf(direct.charAt(field - 1)) : "value";
    }
}
