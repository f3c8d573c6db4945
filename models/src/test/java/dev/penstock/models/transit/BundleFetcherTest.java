package dev.penstock.models.transit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.transit.BundleFetcher.FileOpener;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleFetcherTest {
    private static final TopicPartition ARTIFACTS = new TopicPartition("model-artifacts", 0);
    private static final int THREE_CHUNKS = 1_200_000;
    private static final FileOpener NO_FILES = location -> {
        throw new IOException("there are no files");
    };

    private static final BundleFetcher.Trust ANYBODY = (bundle, digest) -> {};

    @TempDir
    private Path temporary;

    private Path cache;
    private Bundle published;
    private ModelVersion announced;
    private List<ModelArtifactChunk> chunks;
    private final List<MockConsumer<String, ModelArtifactChunk>> consumers = new ArrayList<>();

    @BeforeEach
    void publish() throws Exception {
        cache = temporary.resolve("cache");
        published = SomeBundle.in(temporary.resolve("published"), THREE_CHUNKS);
        MockProducer<String, SpecificRecord> producer = new MockProducer<>(
                true, null, new StringSerializer(), new AvroSerializer<>(SchemaRegistry.connect("mock://transit")));
        announced = new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC())
                .publish(published.directory(), List.of(), "ada");
        chunks = producer.history().stream()
                .map(ProducerRecord::value)
                .filter(ModelArtifactChunk.class::isInstance)
                .map(ModelArtifactChunk.class::cast)
                .toList();
        assertThat(chunks).hasSize(3);
    }

    @Test
    void givesTheBundleThatWasPublished() throws Exception {
        Bundle fetched = fetcher(chunks).fetch(announced);

        assertThat(fetched.digest()).isEqualTo(published.digest());
        assertThat(fetched.directory()).isEqualTo(cache.resolve(published.digest()));
        assertThat(consumers).singleElement().matches(MockConsumer::closed);
    }

    @Test
    void findsItsChunksBetweenThoseOfOthersAndTakesEachOnce() throws Exception {
        ModelArtifactChunk other = new ModelArtifactChunk("f".repeat(64), 1, 3, ByteBuffer.wrap(new byte[10]));
        List<ModelArtifactChunk> log = Arrays.asList(
                other,
                chunks.get(0),
                null,
                chunks.get(0),
                other,
                chunks.get(1),
                chunks.get(0),
                chunks.get(1),
                other,
                chunks.get(2),
                chunks.get(2));

        assertThat(fetcher(log).fetch(announced).digest()).isEqualTo(published.digest());
    }

    @Test
    void fetchesOnceWhatSeveralTasksWantAtTheSameTime() throws Exception {
        ExecutorService tasks = Executors.newFixedThreadPool(4);
        BundleFetcher.Settings patient =
                new BundleFetcher.Settings(cache, BundleLimits.usual(), Duration.ofMinutes(1), Duration.ofDays(7));
        try {
            List<Future<Bundle>> fetched = tasks.invokeAll(Collections.nCopies(
                    4, () -> new BundleFetcher(() -> consumer(chunks, Optional.empty()), NO_FILES, ANYBODY, patient)
                            .fetch(announced)));

            for (Future<Bundle> bundle : fetched) {
                assertThat(bundle.get().digest()).isEqualTo(published.digest());
            }
            assertThat(consumers).hasSize(1);
        } finally {
            tasks.shutdownNow();
        }
    }

    @Test
    void startsAtTheFirstChunk() throws Exception {
        ModelArtifactChunk damaged = copy(chunks.get(0));
        damaged.getContent().put(100_000, (byte) (damaged.getContent().get(100_000) + 1));
        ModelVersion later = ModelVersion.newBuilder(announced)
                .setLocation(ArtifactLocation.newBuilder(announced.getLocation())
                        .setFirstOffset(1)
                        .build())
                .build();

        Bundle fetched = fetcher(
                        Stream.concat(Stream.of(damaged), chunks.stream()).toList())
                .fetch(later);

        assertThat(fetched.digest()).isEqualTo(published.digest());
    }

    @Test
    void saysWhichChunkDidNotCome() {
        assertThatThrownBy(() -> fetcher(chunks.subList(0, 2)).fetch(announced))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 1 of model 'spam'")
                .hasMessageContaining("chunk 3 of 3 did not come within PT0.05S");
        assertThat(consumers).singleElement().matches(MockConsumer::closed);
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void refusesBytesThatAreNotThoseAnnounced() {
        ModelArtifactChunk damaged = copy(chunks.get(1));
        damaged.getContent().put(17, (byte) (damaged.getContent().get(17) + 1));

        assertThatThrownBy(() ->
                        fetcher(List.of(chunks.get(0), damaged, chunks.get(2))).fetch(announced))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("digest " + announced.getDigest() + " was announced, but");
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void refusesMoreBytesThanWereAnnounced() {
        ModelVersion smaller =
                ModelVersion.newBuilder(announced).setSizeBytes(600_000).build();

        assertThatThrownBy(() -> fetcher(chunks).fetch(smaller))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("more than the 600000 bytes that were announced");
    }

    @Test
    void asksWhomToTrustBeforeAnythingIsReadAndLeavesNothingBehind() throws Exception {
        List<String> asked = new ArrayList<>();
        BundleFetcher distrusting = new BundleFetcher(
                () -> consumer(chunks, Optional.empty()),
                NO_FILES,
                (bundle, digest) -> {
                    asked.add(digest);
                    throw new BundleRefusedException(Reason.UNSIGNED, "nobody signed it");
                },
                settings(BundleLimits.usual()));

        assertThatThrownBy(() -> distrusting.fetch(announced))
                .isInstanceOf(BundleRefusedException.class)
                .hasMessage("nobody signed it");
        assertThat(asked).containsExactly(announced.getDigest());
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void aBundleThatIsTrustedNoLongerIsRefusedFromTheCacheToo() throws Exception {
        fetcher(chunks).fetch(announced);
        BundleFetcher distrusting = new BundleFetcher(
                () -> consumer(chunks, Optional.empty()),
                NO_FILES,
                (bundle, digest) -> {
                    throw new BundleRefusedException(Reason.REVOKED, "it was revoked");
                },
                settings(BundleLimits.usual()));

        assertThatThrownBy(() -> distrusting.fetch(announced)).hasMessage("it was revoked");
    }

    @Test
    void removesWhatNobodyUsedForLong() throws Exception {
        Path forgotten = Files.createDirectories(cache.resolve("ab".repeat(32)));
        Files.writeString(forgotten.resolve("model-card.yaml"), "old");
        Files.setLastModifiedTime(forgotten, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        Path remembered = Files.createDirectories(cache.resolve("cd".repeat(32)));
        Path somethingElse = Files.createDirectories(cache.resolve("in-flight"));
        Files.setLastModifiedTime(somethingElse, FileTime.from(Instant.now().minus(Duration.ofDays(8))));

        Bundle fetched = fetcher(chunks).fetch(announced);

        assertThat(cache)
                .isDirectoryNotContaining(path -> path.equals(forgotten))
                .isDirectoryContaining(path -> path.equals(remembered))
                .isDirectoryContaining(path -> path.equals(somethingElse))
                .isDirectoryContaining(path -> path.equals(fetched.directory()));
        Files.setLastModifiedTime(
                fetched.directory(), FileTime.from(Instant.now().minus(Duration.ofDays(8))));
        assertThat(fetcher(List.of()).fetch(announced).directory()).isDirectory();
    }

    @Test
    void refusesMoreBytesThanAreAllowedHereBeforeReadingAny() {
        BundleFetcher strict = new BundleFetcher(
                () -> {
                    throw new AssertionError("Kafka was read");
                },
                NO_FILES,
                ANYBODY,
                settings(new BundleLimits(1_000, 100)));

        assertThatThrownBy(() -> strict.fetch(announced))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("more than the 1000 that are allowed here");
    }

    @Test
    void readsNothingThatIsThereAlready() throws Exception {
        fetcher(chunks).fetch(announced);

        Bundle cached = fetcher(List.of()).fetch(announced);

        assertThat(cached.digest()).isEqualTo(published.digest());
        assertThat(consumers).hasSize(1);
    }

    @Test
    void replacesWhatWasDamagedInTheCache() throws Exception {
        Path file = fetcher(chunks).fetch(announced).savedModel().resolve("saved_model.pb");
        Files.writeString(file, "damaged");

        Bundle again = fetcher(chunks).fetch(announced);

        assertThat(again.digest()).isEqualTo(published.digest());
        assertThat(Files.size(file)).isEqualTo(THREE_CHUNKS);
        try (Stream<Path> left = Files.list(cache)) {
            assertThat(left).containsExactly(again.directory());
        }
    }

    @Test
    void keepsWhatWasDamagedInTheCacheUntilThereIsBetter() throws Exception {
        Path file = fetcher(chunks).fetch(announced).savedModel().resolve("saved_model.pb");
        Files.writeString(file, "damaged");

        assertThatThrownBy(() -> fetcher(List.of()).fetch(announced)).isInstanceOf(IOException.class);

        assertThat(file).hasContent("damaged");
    }

    @Test
    void neverLeavesItsDirectory() throws Exception {
        Path precious = Files.createDirectories(temporary.resolve("precious")).resolve("file");
        Files.writeString(precious, "precious");

        for (String digest : List.of("../precious", precious.getParent().toString(), "", "0".repeat(63) + "G")) {
            ModelVersion hostile =
                    ModelVersion.newBuilder(announced).setDigest(digest).build();
            assertThatThrownBy(() -> fetcher(chunks).fetch(hostile))
                    .isInstanceOf(ModelRefusedException.class)
                    .hasMessageContaining("'%s' is not a SHA-256".formatted(digest));
        }
        assertThat(precious).hasContent("precious");
    }

    @Test
    void refusesTheBundleOfAnotherModelOrVersion() {
        ModelVersion otherModel =
                ModelVersion.newBuilder(announced).setModel("fraud").build();
        ModelVersion otherVersion =
                ModelVersion.newBuilder(announced).setVersion(2).build();
        ModelVersion otherModality =
                ModelVersion.newBuilder(announced).setModality(Modality.IMAGE).build();

        assertThat(List.of(otherModel, otherVersion, otherModality))
                .allSatisfy(wrong -> assertThatThrownBy(() -> fetcher(chunks).fetch(wrong))
                        .isInstanceOf(ModelRefusedException.class)
                        .hasMessageContaining("its bundle is version 1 of model 'spam' for TEXT"));
    }

    @Test
    void stepsOverWhatCannotBeDecoded() throws Exception {
        BundleFetcher fetcher = fetcher(chunks, undecodable(malformed()));

        assertThat(fetcher.fetch(announced).digest()).isEqualTo(published.digest());
    }

    @Test
    void waitsForARegistryThatIsAway() {
        KafkaException away = new KafkaException("the registry does not answer");

        assertThatThrownBy(() -> fetcher(chunks, undecodable(away)).fetch(announced))
                .isInstanceOf(KafkaException.class)
                .hasCause(away);
    }

    @Test
    void readsALargeBundleFromItsFile() throws Exception {
        byte[] archive = archive();
        ModelVersion inFile = announcedAt("s3://models/spam.zip");
        List<String> opened = new ArrayList<>();
        BundleFetcher fetcher = fetcher(location -> {
            opened.add(location.toString());
            return new ByteArrayInputStream(archive);
        });

        assertThat(fetcher.fetch(inFile).digest()).isEqualTo(published.digest());
        assertThat(opened).containsExactly("s3://models/spam.zip");
    }

    @Test
    void refusesAFileThatIsNotTheOneAnnounced() {
        byte[] archive = archive();
        archive[archive.length / 2]++;

        assertThatThrownBy(() -> fetcher(location -> new ByteArrayInputStream(archive))
                        .fetch(announcedAt("s3://models/spam.zip")))
                .isInstanceOf(ModelRefusedException.class);
        assertThatThrownBy(() ->
                        fetcher(location -> new ByteArrayInputStream(archive)).fetch(announcedAt("not a place")))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("not a URI");
    }

    @Test
    void tellsAFileThatCannotBeReadNowFromOneThatIsWrong() {
        assertThatThrownBy(() -> fetcher(NO_FILES).fetch(announcedAt("s3://models/spam.zip")))
                .isInstanceOf(IOException.class)
                .hasMessage("there are no files");
    }

    private ModelVersion announcedAt(String uri) {
        return ModelVersion.newBuilder(announced)
                .setLocation(ArtifactLocation.newBuilder().setUri(uri).build())
                .build();
    }

    private byte[] archive() {
        ByteBuffer archive = ByteBuffer.allocate((int) announced.getSizeBytes());
        chunks.forEach(chunk -> archive.put(chunk.getContent().duplicate()));
        return archive.array();
    }

    private static ModelArtifactChunk copy(ModelArtifactChunk chunk) {
        return ModelArtifactChunk.newBuilder(chunk).build();
    }

    private BundleFetcher fetcher(FileOpener files) {
        return new BundleFetcher(
                () -> {
                    throw new AssertionError("Kafka was read");
                },
                files,
                ANYBODY,
                settings(BundleLimits.usual()));
    }

    private BundleFetcher.Settings settings(BundleLimits limits) {
        return new BundleFetcher.Settings(cache, limits, Duration.ofMillis(50), Duration.ofDays(7));
    }

    private BundleFetcher fetcher(List<ModelArtifactChunk> log) {
        return fetcher(log, Optional.empty());
    }

    private BundleFetcher fetcher(List<ModelArtifactChunk> log, Optional<KafkaException> firstPoll) {
        return new BundleFetcher(() -> consumer(log, firstPoll), NO_FILES, ANYBODY, settings(BundleLimits.usual()));
    }

    private MockConsumer<String, ModelArtifactChunk> consumer(
            List<ModelArtifactChunk> log, Optional<KafkaException> firstPoll) {
        MockConsumer<String, ModelArtifactChunk> consumer = new MockConsumer<>("earliest");
        consumer.updateBeginningOffsets(Map.of(ARTIFACTS, 0L));
        firstPoll.ifPresent(consumer::setPollException);
        consumer.schedulePollTask(() -> {
            long offset = 0;
            for (ModelArtifactChunk chunk : log) {
                if (offset >= consumer.position(ARTIFACTS)) {
                    consumer.addRecord(
                            new ConsumerRecord<>(ARTIFACTS.topic(), ARTIFACTS.partition(), offset, "key", chunk));
                }
                offset++;
            }
        });
        consumers.add(consumer);
        return consumer;
    }

    /** As Kafka reports a record that its deserializer throws for; here it lies before the first. */
    private static Optional<KafkaException> undecodable(RuntimeException cause) {
        return Optional.of(new RecordDeserializationException(
                RecordDeserializationException.DeserializationExceptionOrigin.VALUE,
                ARTIFACTS,
                -1,
                0,
                TimestampType.CREATE_TIME,
                null,
                null,
                new RecordHeaders(),
                "Cannot deserialize",
                cause));
    }

    private static RuntimeException malformed() {
        try {
            AvroDeserializer.of(SchemaRegistry.connect("mock://transit"), ModelArtifactChunk.class)
                    .deserialize("model-artifacts", "garbage".getBytes(UTF_8));
            throw new AssertionError("garbage was read");
        } catch (RuntimeException e) {
            return e;
        }
    }
}
