package dev.trunkline.router.reads;

/**
 * What is known of one text.
 *
 * @param badHint what stands in place of a valid hint, {@value HintReader#MAX_SHOWN} characters of it at most; empty unless the hint is invalid
 */
public record Classified(ReadVerdict verdict, RouteHint hint, String badHint) {
    Classified(ReadVerdict verdict) {
        this(verdict, RouteHint.NONE, "");
    }
}
