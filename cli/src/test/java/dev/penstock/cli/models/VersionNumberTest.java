package dev.penstock.cli.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class VersionNumberTest {
    private final VersionNumber.Converter converter = new VersionNumber.Converter();

    @Test
    void nextIsOneAboveTheHighestOfTheModel() {
        List<ModelVersion> published = List.of(version("spam", 10), version("spam", 2), version("other", 30));

        assertThat(converter.convert("next").of("spam", published)).isEqualTo(11);
        assertThat(converter.convert("next").of("new", published)).isEqualTo(1);
        assertThat(converter.convert("5").of("spam", published)).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "latest", "99999999999"})
    void refusesWhatIsNoVersion(String text) {
        assertThatThrownBy(() -> converter.convert(text)).isInstanceOf(TypeConversionException.class);
    }

    private static ModelVersion version(String model, int version) {
        return ModelVersion.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setModality(Modality.TEXT)
                .setDigest("0".repeat(64))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(ArtifactLocation.newBuilder().setChunks(1).build())
                .setPublishedAt(Instant.EPOCH)
                .build();
    }
}
