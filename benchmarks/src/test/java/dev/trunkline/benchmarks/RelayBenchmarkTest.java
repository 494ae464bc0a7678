package dev.trunkline.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelayBenchmarkTest {
    /** What the server's name of the prepared statement has more than the client's: {@code __trunkline_0} and {@code P_0}. */
    private static final int LONGER_NAME = 10;

    @ParameterizedTest
    @CsvSource({"SIMPLE,1", "SIMPLE,1000", "EXTENDED,1", "EXTENDED,1000", "PREPARED,1", "PREPARED,1000"})
    void transaction_carriesRequestAndAnswerWholeEachTime(Protocol protocol, int rows) {
        RelayBenchmark benchmark = new RelayBenchmark();
        benchmark.protocol = protocol;
        benchmark.rows = rows;
        benchmark.open();
        try {
            assertThat(benchmark.transaction()).isEqualTo(bytes(protocol, rows));
            assertThat(benchmark.transaction()).isEqualTo(bytes(protocol, rows));
        } finally {
            benchmark.close();
        }
    }

    private static int bytes(Protocol protocol, int rows) {
        ByteBuf request = ByteBufAllocator.DEFAULT.buffer();
        protocol.writeQuery(request);
        int bytes = request.readableBytes() + (protocol == Protocol.PREPARED ? LONGER_NAME : 0);
        request.release();
        for (ByteBuf read : Answers.select(protocol, rows, ByteBufAllocator.DEFAULT)) {
            bytes += read.readableBytes();
            read.release();
        }
        return bytes;
    }
}
