package dev.penstock.models.preprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.List;

/** Reads what a preprocessor made of a payload. */
final class Outcomes {
    private Outcomes() {}

    static List<Value> values(Prepared prepared) {
        assertThat(prepared).isInstanceOf(Prepared.Ready.class);
        return ((Prepared.Ready) prepared).example().values();
    }

    static float[] floats(Prepared prepared, int input) {
        return ((Value.Floats) values(prepared).get(input)).values();
    }

    static int[] integers(Prepared prepared, int input) {
        return ((Value.Integers) values(prepared).get(input)).values();
    }

    static byte[] bytes(Prepared prepared, int input) {
        return ((Value.Bytes) values(prepared).get(input)).value();
    }

    static void assertRejected(Prepared prepared, DeadLetterCode code, String reason) {
        assertThat(prepared).isEqualTo(new Prepared.Rejected(code, reason));
    }
}
