package dev.trunkline.server.admin;

import dev.trunkline.server.state.ProxyState;

/** Something that SHOW knows. Immutable. */
sealed interface ShowCommand {
    /** Always the same answer. */
    record Fixed(AdminResult result) implements ShowCommand {}

    /** A table made from a snapshot of the process. */
    record FromState(ProxyState.Detail detail, Table table) implements ShowCommand {}
}
