package dev.trunkline.server.http;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What a POST to one path does. */
@FunctionalInterface
public interface Action {
    /** Does it, and makes the answer; may take as long as it takes. May complete on any thread; a failure becomes status 500. */
    CompletionStage<Page.Content> post(Call call);

    /**
     * A request.
     *
     * @param authorization the field of that name; null if there is none
     * @param type the media type of the body, without parameters; null if none is named
     * @param body as text in UTF-8
     */
    record Call(@Nullable String authorization, @Nullable String type, String body) {
        /** The body and the credentials are nobody's business. */
        @Override
        public String toString() {
            return "Call[" + type + "]";
        }
    }

    /** Knows the paths of actions. */
    @FunctionalInterface
    interface Directory {
        Directory NONE = _ -> null;

        /** The action at this path, without a query; null if there is none. */
        @Nullable
        Action find(String path);
    }
}
