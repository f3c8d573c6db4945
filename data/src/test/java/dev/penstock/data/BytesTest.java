package dev.penstock.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class BytesTest {
    @Test
    void changingTheArrayItCameFromChangesNothing() {
        byte[] origin = {1, 2, 3};
        Bytes bytes = Bytes.copyOf(origin);

        origin[0] = 9;

        assertThat(bytes.toArray()).containsExactly(1, 2, 3);
    }

    @Test
    void changingTheArrayItGaveOutChangesNothing() {
        Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});

        bytes.toArray()[0] = 9;

        assertThat(bytes).isEqualTo(Bytes.copyOf(new byte[] {1, 2, 3}));
    }

    @Test
    void readsFromTheFirstByteEachTime() throws IOException {
        Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});

        assertThat(bytes.newInputStream().readAllBytes()).containsExactly(1, 2, 3);
        assertThat(bytes.newInputStream().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void comparesContent() {
        Bytes bytes = Bytes.copyOf(new byte[] {1, 2, 3});

        assertThat(bytes).isEqualTo(Bytes.copyOf(new byte[] {1, 2, 3})).isNotEqualTo(Bytes.copyOf(new byte[] {1, 2}));
        assertThat(bytes).hasSameHashCodeAs(Bytes.copyOf(new byte[] {1, 2, 3}));
        assertThat(bytes).hasToString("3 bytes");
    }
}
