package dev.penstock.models.bundle;

import static dev.penstock.models.bundle.Bundles.CARD;
import static dev.penstock.models.bundle.Bundles.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.schemas.Distribution;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.TextPayload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleTest {
    private static final DriftReference REFERENCE = new DriftReference(
            7L, new TreeMap<>(Map.of("decision", new Distribution(null, Map.of("yes", 4L, "no", 3L)))));

    @TempDir
    Path directory;

    private Path bundle;

    @BeforeEach
    void build() throws Exception {
        bundle = Bundles.build(directory).directory();
    }

    @Test
    void holdsWhatItWasBuiltFrom() throws Exception {
        Bundle opened = Bundle.open(bundle);

        assertThat(opened.card()).isEqualTo(ModelCardReader.read(CARD));
        assertThat(opened.cardText()).isEqualTo(CARD);
        assertThat(opened.savedModel().resolve("saved_model.pb")).hasContent("a graph");
        assertThat(opened.savedModel().resolve("variables/variables.index")).hasContent("weights");
        assertThat(opened.directory().resolve("vocabulary.txt")).hasContent("one\ntwo\n");
        assertThat(opened.goldenExamples()).isEqualTo(Bundles.GOLDEN);
    }

    @Test
    void isTheSameForTheSameParts() throws Exception {
        Bundle again = Bundles.build(directory.resolve("again"));

        assertThat(again.digest())
                .matches("[0-9a-f]{64}")
                .isEqualTo(Bundle.open(bundle).digest());
    }

    @Test
    void hasTheGraphOfTheVersionThatItWasTrainedFrom() throws Exception {
        Path trained = Files.createDirectories(directory.resolve("trained/variables"));
        Files.writeString(trained.resolve("variables.index"), "other weights");
        Files.writeString(trained.resolveSibling("saved_model.pb"), "a graph");
        Path strange = Files.createDirectories(directory.resolve("strange"));
        Files.writeString(strange.resolve("saved_model.pb"), "another graph");
        String card = CARD.replace("version: 2", "version: 3");

        String graph = Bundle.open(bundle).graphDigest();

        assertThat(graph).isNotEmpty();
        assertThat(withVocabulary(card, trained.getParent()).graphDigest()).isEqualTo(graph);
        assertThat(withVocabulary(card, strange).graphDigest()).isNotEqualTo(graph);
    }

    private Bundle withVocabulary(String card, Path savedModel) throws Exception {
        return new BundleBuilder(card, savedModel)
                .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                .build(savedModel.resolveSibling(savedModel.getFileName() + "-bundle"));
    }

    @Test
    void differsWithAnyPart() throws Exception {
        Bundle other = new BundleBuilder(CARD, bundle.resolve("saved-model"))
                .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                .goldenExamples(List.of(new GoldenExample(new TextPayload("x"), Map.of("yes", 0.5f))))
                .build(directory.resolve("other"));

        assertThat(other.digest()).isNotEqualTo(Bundle.open(bundle).digest());
    }

    @Test
    void needsNoExamples() throws Exception {
        Bundle plain = new BundleBuilder(CARD, bundle.resolve("saved-model"))
                .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                .build(directory.resolve("plain"));

        assertThat(plain.goldenExamples()).isEmpty();
    }

    @Test
    void refusesChangedFiles() throws Exception {
        Files.writeString(bundle.resolve("saved-model/saved_model.pb"), "another");

        assertRefused(() -> Bundle.open(bundle), Reason.CHANGED_FILE, "saved-model/saved_model.pb");
    }

    @Test
    void refusesMissingFiles() throws Exception {
        Files.delete(bundle.resolve("saved-model/variables/variables.index"));

        assertRefused(() -> Bundle.open(bundle), Reason.MISSING_FILE, "saved-model/variables/variables.index");
    }

    @Test
    void refusesExtraFiles() throws Exception {
        Files.writeString(bundle.resolve("saved-model/assets.so"), "a library");

        assertRefused(() -> Bundle.open(bundle), Reason.EXTRA_FILE, "saved-model/assets.so");
    }

    @Test
    void refusesLinks() throws Exception {
        Path weights = bundle.resolve("saved-model/variables/variables.index");
        Path elsewhere = Files.move(weights, directory.resolve("elsewhere"));
        Files.createSymbolicLink(weights, elsewhere);

        assertRefused(() -> Bundle.open(bundle), Reason.NOT_A_FILE, "variables.index");
    }

    @Test
    void refusesDirectoriesWithoutDigests() throws Exception {
        assertRefused(() -> Bundle.open(directory.resolve("nothing")), Reason.INVALID_DIGESTS, "digests.json");
        Files.delete(bundle.resolve("digests.json"));
        assertRefused(() -> Bundle.open(bundle), Reason.INVALID_DIGESTS, "no such file");
    }

    @Test
    void readsDigestsStrictly() throws Exception {
        Path file = bundle.resolve("digests.json");
        String digests = Files.readString(file);
        for (String broken : List.of(
                "",
                "[]",
                digests + "{}",
                digests.replace("\"sha-256\"", "\"sha-1\""),
                digests.replace("\"digests-version\" : 1", "\"digests-version\" : 2"),
                digests.replace("\"digests-version\" : 1,", ""),
                digests.replace("\"sha-256\"", "\"extra\" : 1, \"sha-256\""),
                digests.replaceFirst("\"model-card.yaml\"", "\"model-card.yaml\" : \"0\", \"model-card.yaml\""),
                digests.replaceFirst("[0-9a-f]{64}", "0"),
                digests.replaceFirst("\"[0-9a-f]{64}\"", "null"))) {
            Files.writeString(file, broken);

            assertRefused(() -> Bundle.open(bundle), Reason.INVALID_DIGESTS, "build the bundle anew");
        }
        Files.writeString(file, digests);
        assertThat(Bundle.open(bundle).card().name()).isEqualTo("words");
    }

    @Test
    void tellsWhatIsWrongWithTheCard() {
        String card = CARD.replace("version: 2", "version: 0");

        assertRefused(
                () -> new BundleBuilder(card, bundle.resolve("saved-model")).build(directory.resolve("other")),
                Reason.INVALID_CARD,
                "line 3, column 10, version: 0 must be 1 or more");
        assertThat(directory.resolve("other")).doesNotExist();
    }

    @Test
    void refusesCardsWhoseVocabularyIsNotThere() {
        assertRefused(
                () -> new BundleBuilder(CARD, bundle.resolve("saved-model")).build(directory.resolve("other")),
                Reason.MISSING_FILE,
                "vocabulary.txt");
    }

    @Test
    void refusesExamplesThatCannotBeRead() throws Exception {
        Files.writeString(bundle.resolve("golden/examples.avro"), "no avro");
        BundleDigests.of(bundle).write(bundle);

        assertRefused(() -> Bundle.open(bundle), Reason.INVALID_GOLDEN_EXAMPLES, "golden/examples.avro");
    }

    @Test
    void isNotBuiltOverOtherFiles() throws Exception {
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("file"), "somebody's");

        assertThatThrownBy(() -> new BundleBuilder(CARD, bundle.resolve("saved-model")).build(full))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not empty");
        assertThat(full.resolve("file")).hasContent("somebody's");
    }

    @Test
    void takesNoFilesOutsideOfItself() {
        assertThatThrownBy(() -> new BundleBuilder(CARD, bundle).file("../vocabulary.txt", bundle))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void saysHowValuesWereDistributedIfItWasToldSo() throws Exception {
        Bundle told = new BundleBuilder(CARD, bundle.resolve("saved-model"))
                .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                .reference(REFERENCE)
                .build(directory.resolve("told"));

        assertThat(told.reference()).contains(REFERENCE);
        assertThat(Bundle.open(told.directory()).reference()).contains(REFERENCE);
        assertThat(Bundle.open(bundle).reference()).isEmpty();
    }

    @Test
    void refusesAReferenceThatSomebodyChanged() throws Exception {
        Bundle told = new BundleBuilder(CARD, bundle.resolve("saved-model"))
                .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                .reference(REFERENCE)
                .build(directory.resolve("told"));

        Files.writeString(told.directory().resolve("reference.avro"), "changed");

        assertRefused(() -> Bundle.open(told.directory()), Reason.CHANGED_FILE, "'reference.avro'");
    }

    @Test
    void refusesAReferenceThatIsNone() throws Exception {
        Path nonsense = Files.writeString(directory.resolve("nonsense"), "nonsense");

        assertRefused(
                () -> new BundleBuilder(CARD, bundle.resolve("saved-model"))
                        .file("vocabulary.txt", bundle.resolve("vocabulary.txt"))
                        .file("reference.avro", nonsense)
                        .build(directory.resolve("told")),
                Reason.INVALID_REFERENCE,
                "its reference.avro cannot be read");
    }
}
