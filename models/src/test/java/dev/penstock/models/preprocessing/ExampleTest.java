package dev.penstock.models.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.preprocessing.Example.Value.Floats;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExampleTest {
    private static final float[] VALUES = {1.5f, -0f, Float.MAX_VALUE};

    static Stream<Floats> packedAndNot() {
        ByteBuffer record = ByteBuffer.allocate(5 + 12 + 1).order(ByteOrder.LITTLE_ENDIAN);
        for (int index = 0; index < VALUES.length; index++) {
            record.putFloat(5 + 4 * index, VALUES[index]);
        }
        return Stream.of(new Floats(VALUES), Floats.packed(record.position(5).limit(17)));
    }

    @ParameterizedTest
    @MethodSource("packedAndNot")
    void hasItsValuesHoweverTheyCame(Floats floats) {
        assertThat(floats.length()).isEqualTo(3);
        assertThat(floats.values()).isEqualTo(VALUES);
    }

    @ParameterizedTest
    @MethodSource("packedAndNot")
    void writesItsValuesWhereTheyBelongInEitherOrder(Floats floats) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            ByteBuffer memory = ByteBuffer.allocateDirect(5 * Float.BYTES).order(order);

            floats.writeTo(memory, 1);

            float[] written = new float[5];
            memory.asFloatBuffer().get(written);
            assertThat(written).containsExactly(0, 1.5f, -0f, Float.MAX_VALUE, 0);
        }
    }
}
