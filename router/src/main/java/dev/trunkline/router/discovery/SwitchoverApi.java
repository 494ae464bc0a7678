package dev.trunkline.router.discovery;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Whom to ask for a switchover. May be used from any thread. */
public interface SwitchoverApi {
    /**
     * Asks for a switchover; the answer comes when it is over, after seconds.
     *
     * @param leader the name of the member that leads now
     * @param candidate the name of the member that is to lead; null if Patroni is to choose
     * @return never fails
     */
    CompletionStage<SwitchoverAnswer> switchover(String leader, @Nullable String candidate);
}
