package dev.trunkline.pooler.statement;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class RowShapeTest {
    private static long shape(Column... columns) {
        ByteBuf out = Unpooled.buffer().writeByte('x').writeShort(columns.length);
        for (Column each : columns) {
            out.writeBytes(each.name.getBytes(US_ASCII)).writeByte(0);
            out.writeInt(each.table).writeShort(1).writeInt(each.type).writeShort(4);
            out.writeInt(-1).writeShort(each.format);
        }
        return RowShape.of(out, 1, out.readableBytes() - 1);
    }

    private record Column(String name, int table, int type, int format) {}

    @Test
    void shape_isOfNamesAndTypesInTheirOrder() {
        long one = shape(new Column("a", 7, 23, 0), new Column("b", 7, 25, 0));
        assertThat(shape(new Column("a", 7, 23, 0), new Column("b", 7, 25, 0))).isEqualTo(one);
        assertThat(shape(new Column("b", 7, 25, 0), new Column("a", 7, 23, 0))).isNotEqualTo(one);
        assertThat(shape(new Column("a", 7, 23, 0), new Column("c", 7, 25, 0))).isNotEqualTo(one);
        assertThat(shape(new Column("a", 7, 20, 0), new Column("b", 7, 25, 0))).isNotEqualTo(one);
        assertThat(shape(new Column("a", 7, 23, 0))).isNotEqualTo(one);
    }

    @Test
    void tableAndFormat_doNotCount() {
        assertThat(shape(new Column("a", 8, 23, 1))).isEqualTo(shape(new Column("a", 7, 23, 0)));
    }

    @Test
    void rowsWithoutColumns_areNotTheSameAsNoRows() {
        assertThat(shape()).isNotEqualTo(RowShape.NO_ROWS);
    }

    // Hazard S17
    @Test
    void descriptionThatBreaksOff_hasAShapeToo() {
        ByteBuf half = Unpooled.wrappedBuffer(new byte[] {0, 1, 'a', 'b'});
        assertThat(RowShape.of(half, 0, 4)).isNotEqualTo(RowShape.NO_ROWS);
    }

    @Test
    void client_thatWasToldAcceptsTheSameAlone() {
        ClientStatement statement = new ClientStatement(
                new byte[] {(byte) 115}, new Prepared(0, new byte[3], new StatementSpace(new byte[0])));
        assertThat(statement.fits()).isTrue();
        statement.told(5);
        assertThat(statement.fits()).isFalse();
        statement.found(5);
        assertThat(statement.fits()).isTrue();
        statement.found(6);
        assertThat(statement.fits()).isFalse();
        statement.forgetFound();
        assertThat(statement.fits()).isFalse();
    }

    @Test
    void client_thatHasDescribedAPortalAlone_reliesOnIt() {
        ClientStatement statement = new ClientStatement(
                new byte[] {(byte) 115}, new Prepared(0, new byte[3], new StatementSpace(new byte[0])));
        assertThat(statement.reliesOnPortal()).isFalse();
        statement.toldByPortal();
        assertThat(statement.reliesOnPortal()).isTrue();
        statement.told(1);
        assertThat(statement.reliesOnPortal()).isFalse();
    }
}
