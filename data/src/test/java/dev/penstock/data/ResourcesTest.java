package dev.penstock.data;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ResourcesTest {
    @Test
    void saysWhatIsMissingAndHowToGetIt() {
        assertThatThrownBy(() -> Resources.entries("letters-stream.zip"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("letters-stream.zip")
                .hasMessageContaining("data/rebuild");
    }
}
