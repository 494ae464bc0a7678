package dev.trunkline.pooler.backend;

import dev.trunkline.wire.PgError;
import dev.trunkline.wire.TxStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes down what it is told. Relayed bytes are joined to one stream, with what it gives as synthesized answers in between. */
final class RecordingHolder implements Holder {
    final List<String> events = new ArrayList<>();
    final List<Flow> flows = new ArrayList<>();
    private byte[] stream = new byte[0];
    int readEnds;
    int readCompletes;
    Runnable onReadEnd = () -> {};
    Runnable onLoss = () -> {};
    Taken taken = Taken.NOTHING;
    Runnable onTaken = () -> {};
    Function<PgError, @Nullable PgError> lastWords = error -> error;

    @Nullable
    Loss loss;

    /** The stream since the last call. */
    byte[] takeStream() {
        byte[] all = stream;
        stream = new byte[0];
        return all;
    }

    @Override
    public void relay(ByteBuf run) {
        stream = Messages.join(stream, ByteBufUtil.getBytes(run));
        run.release();
    }

    @Override
    public void synthesize(Replies.Kind kind) {
        stream = Messages.join(stream, Messages.empty(kind == Replies.Kind.PARSE ? "1" : "3"));
    }

    @Override
    public void onReady(TxStatus status) {
        events.add("ready " + status);
    }

    @Override
    public void onParameter(String name, String value) {
        events.add("parameter " + name + "=" + value);
    }

    @Override
    public void onDiscarded(Discarded what) {
        events.add("discarded " + what);
    }

    @Override
    public void onError(PgError error) {
        events.add("error " + error.code());
    }

    @Override
    public Taken takesBack(PgError error) {
        onTaken.run();
        return taken;
    }

    @Override
    public @Nullable PgError lastWords(PgError error) {
        return lastWords.apply(error);
    }

    @Override
    public void onReadEnd() {
        readEnds++;
        onReadEnd.run();
    }

    @Override
    public void onReadComplete() {
        readCompletes++;
    }

    @Override
    public void onWritability(Flow flow) {
        flows.add(flow);
    }

    @Override
    public void onLost(Loss lost) {
        events.add("lost");
        loss = lost;
        onLoss.run();
    }

    static ByteBuf buffer(byte[]... parts) {
        return Unpooled.wrappedBuffer(parts);
    }
}
