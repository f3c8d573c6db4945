package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.doctor.Finding.Status;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelsCheckTest {
    private final Pipeline pipeline = ConfigurationFile.parse(
                    "pipelines.yaml",
                    "pipelines: {moderation: {modality: text, model: toxicity}}",
                    Pipelines.class,
                    Map.of())
            .all()
            .get(0);

    @Test
    void namesTheNewestVersion() {
        List<ModelVersion> published = List.of(
                version("toxicity", 2, Modality.TEXT),
                version("toxicity", 10, Modality.TEXT),
                version("other", 11, Modality.TEXT));

        assertThat(ModelsCheck.look(pipeline, published))
                .isEqualTo(Finding.ok("pipeline moderation: newest version of model toxicity is 10"));
    }

    @Test
    void warnsOfAModelWithoutAVersion() {
        assertThat(ModelsCheck.look(pipeline, List.of(version("other", 1, Modality.TEXT)))
                        .status())
                .isEqualTo(Status.WARNING);
    }

    @Test
    void findsAModelThatReadsSomethingElse() {
        assertThat(ModelsCheck.look(pipeline, List.of(version("toxicity", 1, Modality.IMAGE))))
                .extracting(Finding::status, Finding::what)
                .containsExactly(
                        Status.PROBLEM, "pipeline moderation carries TEXT, but its model toxicity reads IMAGE");
    }

    private static ModelVersion version(String model, int version, Modality modality) {
        return ModelVersion.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setModality(modality)
                .setDigest("0".repeat(64))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(ArtifactLocation.newBuilder().setChunks(1).build())
                .setPublishedAt(Instant.EPOCH)
                .build();
    }
}
