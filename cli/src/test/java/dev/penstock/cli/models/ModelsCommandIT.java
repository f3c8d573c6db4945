package dev.penstock.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.cli.platform.LocalKey;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.trust.BundleSignature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    Path directory;

    private Path data() {
        return directory.resolve("data");
    }

    @BeforeEach
    void createTopics() {
        KAFKA.createCatalogue();
        LocalKey.in(data());
    }

    @Test
    void publishesABundleAsItIs() throws IOException {
        Bundle bundle = TinyModels.record(directory.resolve("bundle"), 4);
        BundleSignature.write(bundle, LocalKey.in(data()));
        Files.writeString(
                directory.resolve("pipelines.yaml"), "pipelines: {payments: {modality: record, model: tiny-record}}");

        CommandRun run = models(
                "import",
                bundle.directory().toString(),
                "--by",
                "tester",
                "--pipelines",
                directory.resolve("pipelines.yaml").toString(),
                "--output",
                "json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode published = run.json();
        assertThat(published.path("model").asText()).isEqualTo("tiny-record");
        assertThat(published.path("version").asInt()).isEqualTo(4);
        assertThat(published.path("digest").asText()).isEqualTo(bundle.digest());
        assertThat(published.path("chunks").asInt()).isEqualTo(1);
        assertThat(published.path("goldenExamples").asInt()).isEqualTo(1);
        assertThat(published.path("pipelines")).hasToString("[\"payments\"]");
        JsonNode shown = models("show", "tiny-record:4", "--output", "json").json();
        assertThat(shown.path("publishedBy").asText()).isEqualTo("tester");
        assertThat(shown.path("card").asText()).isEqualTo(bundle.cardText());
        assertThat(models("import", bundle.directory().toString()).err())
                .contains("It was published before, with the same content.");
    }

    @Test
    void publishesASavedModelAsTheNextVersion() throws IOException {
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);
        Path card = Files.writeString(
                directory.resolve("card.yaml"), bundle.cardText().replace("tiny-text", "next-text"));
        String savedModel = bundle.savedModel().toString();

        CommandRun first = models("import", savedModel, "--card", card.toString());
        CommandRun second = models("import", savedModel, "--card", card.toString(), "--version", "next");

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out()).contains("next-text").contains("there are no golden examples");
        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(models("list", "next-text", "--output", "json").json())
                .extracting(row -> row.path("version").asInt())
                .containsExactly(1, 2);
        assertThat(models("list").out()).contains("next-text").contains("(pipelines not known)");
        assertThat(models("show", "next-text").out()).contains("version: 2").contains("labels: [ham, spam]");
    }

    @Test
    void refusesAModelThatCannotServe() throws IOException {
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);
        Path card = Files.writeString(
                directory.resolve("card.yaml"),
                bundle.cardText().replace("tiny-text", "refused-text").replace("spam: prob", "verdict: prob"));

        CommandRun run = models("import", bundle.savedModel().toString(), "--card", card.toString());

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("Cannot load model 'refused-text'").contains("Nothing was published.");
        assertThat(models("list", "refused-text", "--output", "json").json()).isEmpty();
    }

    @Test
    void publishesUncheckedIfToldSo() throws IOException {
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);
        Path card = Files.writeString(
                directory.resolve("card.yaml"),
                bundle.cardText().replace("tiny-text", "unchecked-text").replace("spam: prob", "verdict: prob"));

        CommandRun run = models("import", bundle.savedModel().toString(), "--card", card.toString(), "--no-check");

        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void keepsAVersionAsItWasPublished() throws IOException {
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);
        Path card = directory.resolve("card.yaml");
        Files.writeString(card, bundle.cardText().replace("tiny-text", "kept-text"));
        models("import", bundle.savedModel().toString(), "--card", card.toString());
        Files.writeString(card, Files.readString(card).replace("[ham, spam]", "[spam, ham]"));

        CommandRun run = models("import", bundle.savedModel().toString(), "--card", card.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("it exists with other content").contains("--version next");
    }

    @Test
    void namesWhatIsMissing() throws IOException {
        Path card = Files.writeString(directory.resolve("card.yaml"), "card-version: 1\nname: x\n");
        Bundle bundle = TinyModels.text(directory.resolve("bundle"), 1);

        CommandRun noModel = models("import", directory.toString(), "--card", card.toString());
        CommandRun noCard = models("import", bundle.savedModel().toString());
        CommandRun badCard = models("import", bundle.savedModel().toString(), "--card", card.toString());

        assertThat(noModel.exitCode()).isEqualTo(2);
        assertThat(noModel.err()).contains("neither a saved_model.pb").contains("bundle, card.yaml");
        assertThat(noCard.exitCode()).isEqualTo(2);
        assertThat(noCard.err()).contains("without a model card").contains("--write-card");
        assertThat(badCard.exitCode()).isEqualTo(2);
        assertThat(badCard.err()).contains("Cannot use the model card:").contains("line 1");
    }

    @Test
    void saysWhichVersionsThereAre() throws IOException {
        models(
                "import",
                TinyModels.image(directory.resolve("bundle"), 3).directory().toString());

        assertThat(models("show", "tiny-image:9").err()).contains("Its versions are 3.");
        assertThat(models("show", "no-such-model").err()).contains("tiny-image");
        assertThat(models("show", "no-such-model").exitCode()).isEqualTo(2);
    }

    @Test
    void proposesACardThatCanBeImported() throws IOException {
        Bundle bundle = TinyModels.image(directory.resolve("bundle"), 1);
        Path card = directory.resolve("proposed.yaml");

        CommandRun inspected =
                CommandRun.of("models", "inspect", bundle.savedModel().toString(), "--write-card", card.toString());
        CommandRun imported =
                models("import", bundle.savedModel().toString(), "--card", card.toString(), "--version", "next");

        assertThat(inspected.exitCode()).isZero();
        assertThat(inspected.out()).contains("signature serving_default").contains("pixels: float32");
        assertThat(imported.exitCode()).as(imported.err()).isZero();
        CommandRun again =
                CommandRun.of("models", "inspect", bundle.savedModel().toString(), "--write-card", card.toString());
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("it exists");
    }

    @Test
    void describesAModelAsJson() throws IOException {
        Bundle bundle = TinyModels.audio(directory.resolve("bundle"), 1);

        CommandRun run = CommandRun.of("models", "inspect", bundle.directory().toString(), "--output", "json");

        assertThat(run.exitCode()).isZero();
        assertThat(run.json().path("canServe").asBoolean()).isTrue();
        JsonNode signature =
                run.json().path("graphs").path(0).path("signatures").path(0);
        assertThat(signature.path("inputs"))
                .hasToString("[{\"key\":\"waveform\",\"type\":\"float32\",\"shape\":[-1,4000]}]");
        assertThat(run.json().path("proposedCard").asText()).contains("modality: audio");
    }

    @Test
    void saysWhatIsThereInsteadOfASavedModel() {
        CommandRun run = CommandRun.of("models", "inspect", directory.toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("tf.saved_model.save");
    }

    private CommandRun models(String... arguments) {
        List<String> all = new ArrayList<>(List.of("models"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl(), "--data", data().toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }
}
