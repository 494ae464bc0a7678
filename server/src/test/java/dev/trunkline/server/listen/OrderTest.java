package dev.trunkline.server.listen;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.trunkline.router.sql.ListenCommand;
import dev.trunkline.router.sql.ListenCommand.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderTest {
    private final ControlChannel control = new ControlChannel(new SplittableRandom(1));

    // Hazard S15
    @ParameterizedTest
    @ValueSource(strings = {"news", "a'b\"c\\d\ne", "Größe🐘", " ", "x"})
    void text_ofAnyChannel_isPlainAsciiAndIsReadAgain(String channel) {
        Order order = new Order(3, 7, new ListenCommand(Kind.LISTEN, channel));
        byte[] text = control.text(order);
        for (byte each : text) {
            assertThat(each).isBetween((byte) ' ', (byte) '~');
        }
        assertThat(read(control, new String(text, UTF_8))).isEqualTo(order);
        assertThat(Order.of(order.payload())).isEqualTo(order);
    }

    @Test
    void text_ofUnlistenAll_isReadAgain() {
        Order order = new Order(1, 1, new ListenCommand(Kind.UNLISTEN_ALL, ""));
        assertThat(read(control, new String(control.text(order), UTF_8))).isEqualTo(order);
    }

    @Test
    void read_textOfAnotherProcess_isNone() {
        ControlChannel other = new ControlChannel(new SplittableRandom(2));
        Order order = new Order(1, 1, new ListenCommand(Kind.LISTEN, "news"));
        assertThat(read(control, new String(other.text(order), UTF_8))).isNull();
        assertThat(read(control, "NOTIFY news, 'LISTEN 1 1 6e'")).isNull();
        assertThat(read(control, "")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "LISTEN",
                "LISTEN 1 2",
                "LISTEN 1 2 3",
                "LISTEN 1 2 zz",
                "LISTEN x 2 6e",
                "LISTEN 1 99999999999999999999 6e",
                "SELECT 1 2 6e",
                "LISTEN 1 2 6e 6e"
            })
    void of_aForgedPayload_isNone(String payload) {
        assertThat(Order.of(payload)).isNull();
    }

    private static @Nullable Order read(ControlChannel control, String text) {
        ByteBuf buf = Unpooled.copiedBuffer(text, UTF_8);
        return control.read(buf, 0, buf.readableBytes());
    }
}
