package dev.trunkline.pooler.backend;

import static dev.trunkline.pooler.backend.Messages.frame;
import static dev.trunkline.pooler.backend.Messages.join;
import static dev.trunkline.pooler.backend.Messages.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.pooler.backend.Replies.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** COPY FROM STDIN on a real PostgreSQL, with what is sent too early and too late. */
class RealServerCopyTest extends RealSession {
    @Test
    void simpleCopy_ofTwoTables() throws Exception {
        send(query("COPY t FROM STDIN; COPY t FROM STDIN"), Kind.QUERY);
        await(() -> connection().replies().isCopyIn());
        send(
                join(copyData("1"), frame('c'), copyData("2"), frame('c')),
                Kind.COPY_DATA,
                Kind.COPY_END,
                Kind.COPY_DATA,
                Kind.COPY_END);
        assertThat(typesAtRest()).isEqualTo("GCGCZ");
    }

    @Test
    void extendedCopy_ignoresTheSyncBehindItsExecute() throws Exception {
        send(join(extended("COPY t FROM STDIN"), SYNC), Kind.PARSE, Kind.BIND, Kind.EXECUTE, Kind.SYNC);
        await(() -> connection().replies().isCopyIn());
        assertThat(fixture.onLoop(() -> connection().replies().owesReady())).isFalse();
        send(join(copyData("1"), frame('c'), SYNC), Kind.COPY_DATA, Kind.COPY_END, Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("12GCZ");
    }

    @Test
    void extendedCopy_sentInOnePieceWithASyncInItsData() throws Exception {
        send(
                join(extended("COPY t FROM STDIN"), SYNC, copyData("1"), SYNC, copyData("2"), frame('c'), SYNC),
                Kind.PARSE,
                Kind.BIND,
                Kind.EXECUTE,
                Kind.SYNC,
                Kind.COPY_DATA,
                Kind.SYNC,
                Kind.COPY_DATA,
                Kind.COPY_END,
                Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("12GCZ");
        assertThat(connection().isUsable()).isTrue();
    }

    // Hazard D12
    @ParameterizedTest
    @CsvSource({"c", "f"})
    void copy_whoseEndComesBehindItsError(char end) throws Exception {
        byte[] last = end == 'c' ? frame('c') : frame('f', text("no more"));
        send(query("COPY t FROM STDIN"), Kind.QUERY);
        await(() -> connection().replies().isCopyIn());
        send(copyData("x"), Kind.COPY_DATA);
        await(connection()::isAtBoundary);
        send(join(copyData("1"), last), Kind.COPY_DATA, Kind.COPY_END);
        send(extended("COPY t FROM STDIN"), Kind.PARSE, Kind.BIND, Kind.EXECUTE);
        await(() -> connection().replies().isCopyIn());
        send(copyData("x"), Kind.COPY_DATA);
        await(() -> connection().replies().isEmpty());
        send(join(copyData("1"), last, SYNC), Kind.COPY_DATA, Kind.COPY_END, Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("GEZ12GEZ");
    }

    // Hazard D5: the server answers the Sync behind the error, and nobody can know before.
    @Test
    void copyThatFails_withASyncInItsDataIsCleared() throws Exception {
        send(join(query("COPY t FROM STDIN"), copyData("x"), SYNC), Kind.QUERY, Kind.COPY_DATA, Kind.SYNC);
        await(() -> connection().replies().isEmpty());
        fixture.onLoop(connection()::clearUp);
        assertThat(typesAtRest()).isEqualTo("GEZZ");
        assertThat(connection().isUsable()).isTrue();
    }

    // Hazard D5: what is wrong is found behind CopyInResponse, and before the Sync is read.
    @Test
    void copyIntoAView_answersTheSyncBehindItsExecute() throws Exception {
        send(join(extended("COPY v FROM STDIN"), SYNC), Kind.PARSE, Kind.BIND, Kind.EXECUTE, Kind.SYNC);
        assertThat(typesAtRest()).isEqualTo("12GEZ");
        assertThat(connection().isUsable()).isTrue();
    }
}
