package dev.trunkline.wire;

import static dev.trunkline.wire.WireBytes.bytes;
import static dev.trunkline.wire.WireBytes.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile peer may claim. Hazards S16 and S17: lengths are validated, for each type, before and after login. */
class FrameCursorHostileTest {
    private final CountingAllocator allocator = new CountingAllocator();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(allocator.used()).isZero();
    }

    static Stream<Integer> wrongLengths() {
        return Stream.of(0, 1, 2, 3, -1, -4, Integer.MIN_VALUE, Integer.MAX_VALUE, 0x4000_0000);
    }

    @ParameterizedTest
    @MethodSource("wrongLengths")
    void next_wrongLengthOfEachType(int length) { // Hazard S17
        for (byte type : Streams.CLIENT_TYPES) {
            refuses(FrontendType.table(), FrameLimits.DEFAULT, type, length);
            refuses(FrontendType.table(), FrameLimits.BEFORE_LOGIN, type, length);
        }
        for (byte type : Streams.SERVER_TYPES) {
            refuses(BackendType.table(), FrameLimits.DEFAULT, type, length);
        }
    }

    @Test
    void next_lengthOverTheLimitBeforeLogin() { // Hazard S16
        for (byte type : Streams.CLIENT_TYPES) {
            refuses(FrontendType.table(), FrameLimits.BEFORE_LOGIN, type, FrameLimits.MAX_AUTH_FRAME + 1);
        }
    }

    @Test
    void next_passwordOfExactlyTheLimit() { // Hazard S16
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.BEFORE_LOGIN, allocator);
        byte[] password = frame('p', bytes().raw(new byte[FrameLimits.MAX_AUTH_FRAME - 4]));
        for (byte each : password) {
            cursor.feed(allocator.buffer(1).writeByte(each));
        }
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.isWhole()).isTrue();
        cursor.close();
    }

    @Test
    void next_wholeFrameOverItsLimitThoughABulkOneMayPass() {
        FrameLimits limits = new FrameLimits(1000, 100);
        refuses(FrontendType.table(), limits, FrontendType.PARSE, 101);
        refuses(FrontendType.table(), limits, FrontendType.COPY_DATA, 1001);
        FrameCursor cursor =
                cursor(FrontendType.table(), limits, bytes().int8('d').int32(1000));
        assertThat(cursor.next()).isTrue();
        cursor.close();
    }

    @Test
    void next_typesThatCarryANameAtMost_areAsShortAsForPostgres() { // Hazard S17
        FrameLimits everything = new FrameLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);
        for (char type : "CDEHSXcf".toCharArray()) {
            refuses(FrontendType.table(), everything, (byte) type, 10_001);
            FrameCursor longest = cursor(
                    FrontendType.table(), FrameLimits.DEFAULT, bytes().raw(frame(type, bytes().raw(new byte[9_996]))));
            assertThat(longest.next()).isTrue();
            assertThat(longest.isWhole()).isTrue();
            longest.close();
        }
        refuses(FrontendType.table(), everything, FrontendType.PASSWORD, FrameLimits.MAX_AUTH_FRAME + 1);
    }

    @Test
    void discardUnread_releasesAHalfArrivedFrame() {
        FrameCursor cursor = cursor(
                FrontendType.table(),
                FrameLimits.DEFAULT,
                bytes().int8('P').int32(1000).text("half"));
        assertThat(cursor.next()).isFalse();
        cursor.discardUnread();
        assertThat(allocator.used()).isZero();
        assertThat(cursor.hasUnread()).isFalse();
        cursor.close();
    }

    @Test
    void discardUnread_runAndWhereItStandsStay() {
        FrameCursor cursor = cursor(
                FrontendType.table(),
                FrameLimits.DEFAULT,
                bytes().int8('d').int32(1000).text("half"));
        assertThat(cursor.next()).isTrue();
        cursor.pass();
        cursor.discardUnread();
        assertThat(cursor.hasRun()).isTrue();
        assertThat(cursor.isMidFrame()).isTrue();
        cursor.close();
    }

    @Test
    void next_lengthsUpToTheLargestThatALimitCanAllow() {
        FrameLimits everything = new FrameLimits(Integer.MAX_VALUE, Integer.MAX_VALUE);
        FrameCursor cursor = cursor(
                FrontendType.table(),
                everything,
                bytes().int8('d').int32(Integer.MAX_VALUE).text("half"));
        assertThat(cursor.next()).isTrue();
        cursor.pass();
        assertThat(cursor.isMidFrame()).isTrue();
        assertThat(cursor.next()).isFalse();
        cursor.close();
    }

    @Test
    void next_unknownTypeIsToldAtItsFirstByte() {
        for (int type = 0; type < 256; type++) {
            FrameTable table = FrontendType.table();
            if (table.knows((byte) type)) {
                continue;
            }
            FrameCursor cursor = cursor(table, FrameLimits.DEFAULT, bytes().int8(type));
            assertThatThrownBy(cursor::next)
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage("invalid client message type " + type);
            cursor.close();
            FrameCursor whole =
                    cursor(table, FrameLimits.DEFAULT, bytes().int8(type).int32(4));
            assertThatThrownBy(whole::next).isInstanceOf(ProtocolViolation.class);
            whole.close();
        }
    }

    @Test
    void violation_isCheapAndSaysWhatWasWrong() {
        FrameCursor cursor = cursor(
                FrontendType.table(), FrameLimits.DEFAULT, bytes().int8('Q').int32(-1));
        assertThatThrownBy(cursor::next)
                .hasMessage("invalid message length 4294967295 in client message type \"Q\"")
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty())
                .satisfies(e -> assertThat(((ProtocolViolation) e).toError().toString())
                        .isEqualTo("FATAL 08P01: invalid message length 4294967295 in client message type \"Q\""));
        cursor.close();
    }

    @Test
    void feed_claimedLengthAloneAllocatesNothing() { // Hazard S16
        FrameCursor cursor = cursor(
                FrontendType.table(), FrameLimits.DEFAULT, bytes().int8('P').int32(0x3fff_ffff));
        long before = allocator.total();
        for (int i = 0; i < 100; i++) {
            assertThat(cursor.next()).isFalse();
            cursor.feed(allocator.buffer(1).writeByte(0));
        }
        assertThat(allocator.total() - before).isLessThan(1000);
        cursor.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100, 4096})
    void feed_largeWholeFrameTricklesIn_growthIsLinearAndBounded(int chunk) { // Hazard S16
        byte[] parse = frame('P', bytes().raw(new byte[1 << 18]));
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, allocator);
        for (int at = 0; at < parse.length; at += chunk) {
            int size = Math.min(chunk, parse.length - at);
            cursor.feed(allocator.buffer(chunk).writeBytes(parse, at, size));
            cursor.next();
            assertThat(allocator.used()).isLessThan(3L * (at + size) + 1000);
        }
        assertThat(cursor.next()).isTrue();
        long fed = (long) chunk * ((parse.length + chunk - 1) / chunk);
        assertThat(allocator.total() - fed).isLessThan(4L * parse.length);
        cursor.close();
    }

    @Test
    void feed_framesWaitBehindAnUndecidedOne_growthIsLinear() {
        FrameCursor cursor = cursor(FrontendType.table(), FrameLimits.DEFAULT, bytes().raw(frame('S', bytes())));
        assertThat(cursor.next()).isTrue();
        byte[] sync = frame('S', bytes());
        int frames = 20_000;
        for (int i = 0; i < frames; i++) {
            cursor.feed(allocator.buffer(sync.length).writeBytes(sync));
        }
        assertThat(allocator.total()).isLessThan(6L * frames * sync.length);
        assertThat(cursor.unread()).isEqualTo((frames + 1) * sync.length);
        cursor.close();
    }

    @Test
    void feed_framesTakenOneByOneWhileMoreArrive() {
        FrameCursor cursor = new FrameCursor(FrontendType.table(), FrameLimits.DEFAULT, allocator);
        byte[] sync = frame('S', bytes());
        IntStream.range(0, 1000).forEach(_ -> {
            cursor.feed(allocator.buffer(16).writeBytes(sync).writeByte('S').writeInt(4));
            assertThat(cursor.next()).isTrue();
            cursor.skip();
        });
        assertThat(cursor.unread()).isEqualTo(1000 * sync.length);
        cursor.close();
    }

    @Test
    void limits_changeWithTheNextFrame() {
        FrameCursor cursor = cursor(FrontendType.table(), FrameLimits.BEFORE_LOGIN, bytes().int8('d'));
        assertThat(cursor.next()).isFalse();
        cursor.limits(FrameLimits.DEFAULT);
        cursor.feed(allocator.buffer(4).writeInt(1 << 20));
        assertThat(cursor.next()).isTrue();
        cursor.close();
    }

    @Test
    void limits_belowTheLengthWordItself() {
        assertThatThrownBy(() -> new FrameLimits(3, 100)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FrameLimits(100, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void table_headOfNegativeLength() {
        FrameTable.Builder builder = FrameTable.builder("client");
        assertThatThrownBy(() -> builder.head(FrontendType.BIND, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(builder.build().peer()).isEqualTo("client");
    }

    private void refuses(FrameTable table, FrameLimits limits, byte type, int length) {
        FrameCursor cursor = cursor(table, limits, bytes().int8(type).int32(length));
        long before = allocator.total();
        assertThatThrownBy(cursor::next)
                .as("type %s length %s", (char) type, length)
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageStartingWith("invalid message length");
        assertThat(allocator.total()).isEqualTo(before);
        cursor.close();
    }

    private FrameCursor cursor(FrameTable table, FrameLimits limits, WireBytes received) {
        byte[] content = received.done();
        FrameCursor cursor = new FrameCursor(table, limits, allocator);
        ByteBuf in = allocator.buffer(content.length).writeBytes(content);
        cursor.feed(in);
        return cursor;
    }
}
