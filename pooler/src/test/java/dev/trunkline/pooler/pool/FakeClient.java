package dev.trunkline.pooler.pool;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Somebody who waits, and remembers what came of it. */
final class FakeClient extends Waiter<FakeConnector.Connection> {
    final String name;
    final List<Lease<FakeConnector.Connection>> grants = new ArrayList<>();
    final List<WaitFailure> failures = new ArrayList<>();
    Consumer<Lease<FakeConnector.Connection>> onGranted = _ -> {};
    Runnable onFailed = () -> {};

    FakeClient(String name) {
        this.name = name;
    }

    /** The last lease. */
    Lease<FakeConnector.Connection> lease() {
        return grants.getLast();
    }

    WaitFailure failure() {
        return failures.getLast();
    }

    @Override
    protected void granted(Lease<FakeConnector.Connection> lease) {
        grants.add(lease);
        onGranted.accept(lease);
    }

    @Override
    protected void failed(WaitFailure failure) {
        failures.add(failure);
        onFailed.run();
    }

    @Override
    public String toString() {
        return name;
    }
}
