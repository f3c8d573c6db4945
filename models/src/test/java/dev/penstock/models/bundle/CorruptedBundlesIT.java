package dev.penstock.models.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Example.Value;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.models.trust.BundleSignature;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.GoldenExample;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Bundles that arrive damaged, forged or withdrawn, each in one way, are refused with the reason on the way from the
 * announcement to the loaded model, and leave nothing behind; the version before serves on.
 */
class CorruptedBundlesIT {
    private static final BundleLimits LIMITS = new BundleLimits(1_000_000, 30);
    private static final TensorFlowRuntime RUNTIME = TensorFlowRuntime.inCallingThread();
    private static final Example ROW = new Example(List.of(new Value.Floats(new float[] {0.25f})));

    private static final String CARD = """
            card-version: 1
            name: sums
            version: %d
            task: binary
            modality: record
            labels: [no, yes]
            inputs:
              x:
                features: [amount]
            outputs:
              y: probabilities
            """;

    @TempDir
    Path directory;

    private SigningKey release;
    private Delivery delivery;
    private TensorFlowModel serving;

    /** How a delivery is spoilt. */
    private interface Spoiling {
        void spoil(Delivery delivery) throws IOException;
    }

    /** @param refused what the refusal must be */
    private record Case(String name, Spoiling spoiling, Refused refused) {
        @Override
        public String toString() {
            return "%s: %s".formatted(name, refused);
        }
    }

    /** @param reason empty where the model is refused and not the bundle */
    private record Refused(String reason, String words) {
        @Override
        public String toString() {
            return reason.isEmpty() ? words : reason;
        }
    }

    private static Case bundle(String name, Reason reason, String words, Spoiling spoiling) {
        return new Case(name, spoiling, new Refused(reason.name(), words));
    }

    private static Case model(String name, String words, Spoiling spoiling) {
        return new Case(name, spoiling, new Refused("", words));
    }

    static Stream<Case> onTheWay() {
        return Stream.of(
                bundle("name that climbs", Reason.UNSAFE_NAME, "'../evil'", it -> it.zipWith("../evil", "x")),
                bundle(
                        "name that climbs half way",
                        Reason.UNSAFE_NAME,
                        "'saved-model/../../evil'",
                        it -> it.zipWith("saved-model/../../evil", "x")),
                bundle("absolute name", Reason.UNSAFE_NAME, "'/evil'", it -> it.zipWith("/evil", "x")),
                bundle("drive letter", Reason.UNSAFE_NAME, "'C:/evil'", it -> it.zipWith("C:/evil", "x")),
                bundle("backslashes", Reason.UNSAFE_NAME, "evil'", it -> it.zipWith("..\\evil", "x")),
                bundle("huge name", Reason.UNSAFE_NAME, "not a path", it -> it.zipWith("a".repeat(300), "x")),
                bundle("control character in a name", Reason.UNSAFE_NAME, "not a path", it -> it.zipWith("a\nb", "x")),
                bundle("link", Reason.NOT_A_FILE, "'saved-model/link' is a link", it -> {
                    it.zipWith("saved-model/link", "/etc/passwd");
                    it.lastEntry().put(5, (byte) 3).putInt(38, 0120777 << 16);
                }),
                bundle(
                        "bomb by ratio",
                        Reason.TOO_LARGE,
                        "announces more than the 1000000 bytes",
                        it -> it.zipWith("saved-model/zeros", "\0".repeat(5_000_000))),
                bundle("bomb that lies about its size", Reason.TOO_LARGE, "although it announces less", it -> {
                    it.zipWith("saved-model/zeros", "\0".repeat(5_000_000));
                    it.lastEntry().putInt(24, 7);
                }),
                bundle(
                        "archive in the archive",
                        Reason.EXTRA_FILE,
                        "'saved-model/nested.zip'",
                        it -> it.zipWith("saved-model/nested.zip", "PK\3\4")),
                bundle("too many files", Reason.TOO_MANY_FILES, "30 are allowed", it -> {
                    Map<String, String> many = new LinkedHashMap<>();
                    for (int number = 0; number < 30; number++) {
                        many.put("saved-model/assets/" + number, "");
                    }
                    it.zipWith(many);
                }),
                bundle("file twice", Reason.DUPLICATE_FILE, "'model-card.yaml' is in it twice", it -> {
                    it.zipWith("model-card.yamx", "x");
                    it.replace("model-card.yamx", "model-card.yaml");
                }),
                bundle(
                        "file twice but for its case",
                        Reason.DUPLICATE_FILE,
                        "'Model-Card.yaml' is in it twice",
                        it -> it.zipWith("Model-Card.yaml", "x")),
                bundle(
                        "file that is a directory as well",
                        Reason.DUPLICATE_FILE,
                        "as a file and as a directory",
                        it -> it.zipWith("saved-model", "x")),
                bundle("end after its first header", Reason.TRUNCATED, "ends early", it -> it.cutTo(40)),
                bundle("end in the middle", Reason.TRUNCATED, "ends early", it -> it.cutTo(it.archive().length / 2)),
                bundle(
                        "end a byte before its end",
                        Reason.TRUNCATED,
                        "ends early",
                        it -> it.cutTo(it.archive().length - 1)),
                bundle("beginning that is missing", Reason.NOT_AN_ARCHIVE, "is not where", it -> {
                    byte[] whole = it.archive();
                    it.sent = Arrays.copyOfRange(whole, 100, whole.length);
                }),
                bundle("no bytes at all", Reason.NOT_AN_ARCHIVE, "not a zip file", it -> it.cutTo(0)),
                bundle(
                        "web page instead",
                        Reason.NOT_AN_ARCHIVE,
                        "not a zip file",
                        it -> it.sent = "<html>Not found</html>".getBytes(UTF_8)),
                bundle("encryption", Reason.UNSUPPORTED_ARCHIVE, "is encrypted", it -> it.lastEntry()
                        .put(8, (byte) 1)),
                bundle("unknown compression", Reason.UNSUPPORTED_ARCHIVE, "by method 12", it -> it.lastEntry()
                        .put(10, (byte) 12)),
                bundle("damaged compression", Reason.NOT_AN_ARCHIVE, "cannot be decompressed", it -> {
                    it.zipWith(Map.of());
                    int content = it.indexOf("digests.json") + "digests.json".length();
                    Arrays.fill(it.archive(), content, content + 16, (byte) 0xFF);
                }),
                bundle(
                        "content that its CRC does not match",
                        Reason.CHANGED_FILE,
                        "'model-card.yaml'",
                        it -> it.replace("task: binary", "task: b1nary")),
                bundle("no digests", Reason.INVALID_DIGESTS, "there is no such file", it -> it.without("digests.json")),
                bundle(
                        "digests that are no JSON",
                        Reason.INVALID_DIGESTS,
                        "digests.json cannot be read",
                        it -> it.with("digests.json", "{")),
                bundle("wrong digest in the list", Reason.CHANGED_FILE, "has SHA-256", it -> {
                    Path digests = it.bundle().resolve("digests.json");
                    it.with("digests.json", Files.readString(digests).replaceFirst("[0-9a-f]{64}", "0".repeat(64)));
                }),
                bundle(
                        "file that is not listed",
                        Reason.EXTRA_FILE,
                        "'saved-model/assets.so'",
                        it -> it.with("saved-model/assets.so", "a library")),
                bundle(
                        "listed file that is missing",
                        Reason.MISSING_FILE,
                        "saved_model.pb",
                        it -> it.without("saved-model/saved_model.pb")),
                bundle(
                        "changed file",
                        Reason.CHANGED_FILE,
                        "saved_model.pb",
                        it -> it.with("saved-model/saved_model.pb", "another graph")),
                bundle("no card", Reason.MISSING_FILE, "has no model-card.yaml", it -> {
                    it.without("model-card.yaml");
                    it.sign();
                }),
                bundle("card with a problem", Reason.INVALID_CARD, "labels", it -> {
                    it.with("model-card.yaml", it.card().replace("labels: [no, yes]", "labels: [no]"));
                    it.sign();
                }),
                bundle("card of another version of cards", Reason.INVALID_CARD, "card-version", it -> {
                    it.with("model-card.yaml", it.card().replace("card-version: 1", "card-version: 9"));
                    it.sign();
                }),
                bundle("golden examples that are none", Reason.INVALID_GOLDEN_EXAMPLES, "not an Avro data file", it -> {
                    it.with("golden/examples.avro", "no avro");
                    it.sign();
                }),
                bundle(
                        "golden examples that claim two gigabytes",
                        Reason.INVALID_GOLDEN_EXAMPLES,
                        "claims 2000000000 bytes",
                        it -> {
                            // One entry in its header, whose name has so many bytes, in Avro's zigzag numbers.
                            byte[] header = HexFormat.of().parseHex("4f626a01" + "02" + "80d0acf30e");
                            Files.write(it.bundle().resolve("golden/examples.avro"), header);
                            it.sign();
                        }),
                bundle("no signature", Reason.UNSIGNED, "nobody signed it", it -> it.without("signature.json")),
                bundle(
                        "signature that cannot be read",
                        Reason.INVALID_SIGNATURE,
                        "cannot be read",
                        it -> it.with("signature.json", "{}")),
                bundle("signature of another bundle", Reason.INVALID_SIGNATURE, "was changed after that", it -> {
                    it.with("model-card.yaml", it.card() + "# other\n");
                    it.digestAnew();
                }),
                bundle("signature of a stranger", Reason.UNKNOWN_SIGNER, "put its public half there", it -> {
                    it.signer = SigningKey.generate(it.root.resolve("elsewhere"), "stranger");
                    it.sign();
                }),
                bundle(
                        "key that was revoked",
                        Reason.REVOKED,
                        "its signer, key 'release'",
                        it -> it.revoke(it.signer.verifyingKey().id())),
                bundle("digest that was revoked", Reason.REVOKED, "its digest", it -> it.revoke(it.digest())),
                bundle(
                        "version that was revoked",
                        Reason.REVOKED,
                        "version 2 of model 'sums' was revoked",
                        it -> it.revoke("sums/2")),
                bundle(
                        "range of versions that was revoked",
                        Reason.REVOKED,
                        "version 2 of model 'sums' was revoked",
                        it -> it.revoke("sums/2-4")),
                model("other bytes than were announced", "was announced, but the bundle that came has", it -> {
                    it.digest();
                    it.archive()[100]++;
                }),
                model(
                        "more bytes than are allowed",
                        "more than the 1000000 that are allowed here",
                        it -> it.sent = new byte[1_000_001]));
    }

    static Stream<Case> onLoading() {
        return Stream.of(
                model("graph that is none", "saved_model.pb is damaged", it -> {
                    it.with("saved-model/saved_model.pb", "no protocol buffer");
                    it.sign();
                }),
                model("graph that is empty", "saved_model.pb is empty", it -> {
                    it.with("saved-model/saved_model.pb", "");
                    it.sign();
                }),
                model("graph that ends early", "saved_model.pb is damaged", it -> {
                    Path graph = it.bundle().resolve("saved-model/saved_model.pb");
                    byte[] whole = Files.readAllBytes(graph);
                    Files.write(graph, Arrays.copyOf(whole, whole.length / 2));
                    it.sign();
                }),
                model("graph that is missing", "has no saved_model.pb", it -> {
                    it.without("saved-model/saved_model.pb");
                    it.sign();
                }),
                model("variables without their index", "variables.index is missing", it -> {
                    it.without("saved-model/variables/variables.index");
                    it.sign();
                }),
                model("variables that are missing", "variables.data-00000-of-00001 is missing", it -> {
                    it.without("saved-model/variables/variables.data-00000-of-00001");
                    it.sign();
                }),
                model("variables that end early", "TensorFlow says: ", it -> {
                    it.with("saved-model/variables/variables.data-00000-of-00001", "");
                    it.sign();
                }),
                model("variables whose CRC is wrong", "TensorFlow says: ", it -> {
                    Path data = it.bundle().resolve("saved-model/variables/variables.data-00000-of-00001");
                    byte[] weights = Files.readAllBytes(data);
                    weights[0]++;
                    Files.write(data, weights);
                    it.sign();
                }),
                model("golden example that is answered otherwise", "golden example", it -> {
                    GoldenExamples.write(it.bundle(), List.of(golden(0.99f)));
                    it.sign();
                }));
    }

    private static GoldenExample golden(float score) {
        return new GoldenExample(new FeaturesPayload(Map.of("amount", 0.25), Map.of()), Map.of("yes", score));
    }

    /** What is announced, and the archive that comes then. */
    private static final class Delivery {
        private final Path root;
        private final Bundle built;
        private SigningKey signer;
        private int announced = 2;
        private byte[] sent = {};
        private String digest = "";

        Delivery(Path root, Bundle built, SigningKey signer) throws IOException {
            this.root = root;
            this.built = built;
            this.signer = signer;
            sign();
        }

        Path bundle() {
            return built.directory();
        }

        String card() {
            return built.cardText();
        }

        void digestAnew() throws IOException {
            BundleDigests.of(bundle()).write(bundle());
            sent = new byte[0];
        }

        void sign() throws IOException {
            Files.deleteIfExists(Bundle.signatureFile(bundle()));
            digestAnew();
            BundleSignature.write(built, signer);
        }

        void with(String path, String content) throws IOException {
            Files.writeString(bundle().resolve(path), content);
        }

        void without(String path) throws IOException {
            Files.delete(bundle().resolve(path));
        }

        void revoke(String entry) throws IOException {
            Files.writeString(root.resolve("trusted/revoked.txt"), entry + " it was a test\n");
        }

        void zipWith(String name, String content) throws IOException {
            zipWith(Map.of(name, content));
        }

        void zipWith(Map<String, String> further) throws IOException {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Map.Entry<String, Path> file : BundleFiles.of(bundle()).entrySet()) {
                    zip.putNextEntry(new ZipEntry(file.getKey()));
                    Files.copy(file.getValue(), zip);
                }
                for (Map.Entry<String, String> file : further.entrySet()) {
                    zip.putNextEntry(new ZipEntry(file.getKey()));
                    zip.write(file.getValue().getBytes(UTF_8));
                }
            }
            sent = out.toByteArray();
        }

        /** As it stands, and if nothing was sent yet as any tool would pack it, stored. */
        byte[] archive() throws IOException {
            if (sent.length == 0) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                try (ZipOutputStream zip = new ZipOutputStream(out)) {
                    zip.setLevel(0);
                    for (Map.Entry<String, Path> file : BundleFiles.of(bundle()).entrySet()) {
                        zip.putNextEntry(new ZipEntry(file.getKey()));
                        Files.copy(file.getValue(), zip);
                    }
                }
                sent = out.toByteArray();
            }
            return sent;
        }

        void cutTo(int bytes) throws IOException {
            sent = Arrays.copyOf(archive(), bytes);
            digest = sha256(sent);
        }

        /** In the list at the archive's end. */
        ByteBuffer lastEntry() throws IOException {
            byte[] bytes = archive();
            int last = -1;
            for (int at = 0; at + 4 <= bytes.length; at++) {
                if (Arrays.equals(bytes, at, at + 4, new byte[] {'P', 'K', 1, 2}, 0, 4)) {
                    last = at;
                }
            }
            return ByteBuffer.wrap(bytes, last, bytes.length - last).slice().order(ByteOrder.LITTLE_ENDIAN);
        }

        int indexOf(String text) throws IOException {
            return new String(archive(), java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
        }

        void replace(String written, String instead) throws IOException {
            for (int at = indexOf(written); at >= 0; at = indexOf(written)) {
                System.arraycopy(instead.getBytes(UTF_8), 0, archive(), at, instead.length());
            }
        }

        /** What was announced before the bytes were sent, or else theirs. */
        String digest() throws IOException {
            if (digest.isEmpty()) {
                digest = sha256(archive());
            }
            return digest;
        }

        private static String sha256(byte[] bytes) {
            return HexFormat.of().formatHex(BundleDigests.sha256().digest(bytes));
        }

        Bundle fetch(Path cache) throws IOException {
            String announcedDigest = digest();
            byte[] bytes = sent;
            ModelVersion version = ModelVersion.newBuilder()
                    .setModel("sums")
                    .setVersion(announced)
                    .setDigest(announcedDigest)
                    .setModality(Modality.RECORD)
                    .setSizeBytes(bytes.length)
                    .setLocation(ArtifactLocation.newBuilder()
                            .setUri("file:///sums.zip")
                            .build())
                    .setCard(card())
                    .setPublishedAt(Instant.EPOCH)
                    .setPublishedBy("a test")
                    .build();
            return new BundleFetcher(
                            () -> {
                                throw new AssertionError("Kafka was read");
                            },
                            location -> new ByteArrayInputStream(bytes),
                            new TrustStore(root.resolve("trusted"))::require,
                            new BundleFetcher.Settings(cache, LIMITS, Duration.ZERO, Duration.ofDays(7)))
                    .fetch(version);
        }
    }

    @BeforeEach
    void serveTheFirstVersionAndPrepareTheSecond() throws IOException {
        release = SigningKey.generate(directory.resolve("keys"), "release");
        Files.createDirectories(directory.resolve("trusted"));
        Files.copy(directory.resolve("keys/release.pub"), directory.resolve("trusted/release.pub"));
        serving = TensorFlowModel.load(build(1), RUNTIME);
        delivery = new Delivery(directory, build(2), release);
    }

    @AfterEach
    void close() {
        serving.close();
    }

    /** Adds 0.5, which is in its variables, to its input. */
    private Bundle build(int version) throws IOException {
        Path savedModel = directory.resolve("export-" + version);
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> x = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 1)));
            Variable<TFloat32> learned = tf.variable(Shape.of(1), TFloat32.class);
            Operand<TFloat32> y = tf.math.add(x, learned);
            session.run(tf.assign(learned, tf.constant(new float[] {0.5f})));
            SavedModelBundle.exporter(savedModel.toString())
                    .withSession(session)
                    .withSignature(Signature.builder("serving_default")
                            .input("x", x)
                            .output("y", y)
                            .build())
                    .export();
        }
        return new BundleBuilder(CARD.formatted(version), savedModel)
                .goldenExamples(List.of(golden(0.75f)))
                .build(directory.resolve("bundle-" + version));
    }

    private Path cache() {
        return directory.resolve("cache");
    }

    private void assertServesOn() {
        assertThat(serving.score(List.of(ROW)).get(0).deciding().score(1)).isEqualTo(0.75f);
    }

    @Test
    void theUnspoiltOneIsFetchedAndLoaded() throws IOException {
        try (TensorFlowModel model = TensorFlowModel.load(delivery.fetch(cache()), RUNTIME)) {
            assertThat(model.warmUp().goldenExamples()).isEqualTo(1);
            assertThat(model.card().version()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("onTheWay")
    void isRefusedOnTheWayAndLeavesNothingBehind(Case spoilt) throws IOException {
        spoilt.spoiling().spoil(delivery);
        List<Path> before = filesOutsideOfTheCache();

        RuntimeException refusal = catchThrowableOfType(RuntimeException.class, () -> delivery.fetch(cache()));

        assertThat(refusal)
                .hasMessageStartingWith("Cannot ")
                .hasMessageContaining(spoilt.refused().words());
        if (spoilt.refused().reason().isEmpty()) {
            assertThat(refusal).isInstanceOf(ModelRefusedException.class);
        } else {
            assertThat(refusal)
                    .isInstanceOfSatisfying(BundleRefusedException.class, refused -> assertThat(refused.reason())
                            .hasToString(spoilt.refused().reason()));
        }
        assertThat(cache()).satisfiesAnyOf(path -> assertThat(path).doesNotExist(), path -> assertThat(path)
                .isEmptyDirectory());
        assertThat(filesOutsideOfTheCache()).isEqualTo(before);
        assertServesOn();
    }

    private List<Path> filesOutsideOfTheCache() {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(file -> !file.startsWith(cache())).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("onLoading")
    void isRefusedWhenItIsLoaded(Case spoilt) throws IOException {
        spoilt.spoiling().spoil(delivery);
        Bundle arrived = delivery.fetch(cache());

        assertThatThrownBy(() -> {
                    try (TensorFlowModel model = TensorFlowModel.load(arrived, RUNTIME)) {
                        model.warmUp();
                    }
                })
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageStartingWith("Cannot ")
                .hasMessageContaining("model 'sums' version 2")
                .hasMessageContaining(spoilt.refused().words());
        assertServesOn();
    }

    /** Under its own name it is a sound one, and so it stays. */
    @Test
    void isRefusedUnderTheNumberOfAnotherVersion() {
        delivery.announced = 3;

        assertThatThrownBy(() -> delivery.fetch(cache()))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("its bundle is version 2 of model 'sums'");
        assertServesOn();
    }

    @Test
    void aRevokedVersionThatIsAnnouncedAgainDoesNotReturn() throws IOException {
        delivery.fetch(cache());
        delivery.revoke("sums/2");

        assertThatThrownBy(() -> delivery.fetch(cache()))
                .isInstanceOfSatisfying(BundleRefusedException.class, refused -> assertThat(refused.reason())
                        .isEqualTo(Reason.REVOKED));
        assertServesOn();
    }
}
