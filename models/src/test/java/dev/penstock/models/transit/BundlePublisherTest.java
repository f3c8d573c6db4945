package dev.penstock.models.transit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleArchive;
import dev.penstock.models.bundle.BundleBuilder;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.schemas.Distribution;
import dev.penstock.schemas.DriftReference;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlePublisherTest {
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    private static final int TWO_CHUNKS = 700_000;

    @TempDir
    private Path temporary;

    private final MockProducer<String, SpecificRecord> producer = new MockProducer<>(
            true, null, new StringSerializer(), new AvroSerializer<>(SchemaRegistry.connect("mock://transit")));

    @Test
    void announcesTheVersionAfterAllOfItsBytes() throws Exception {
        Bundle bundle = SomeBundle.in(temporary, TWO_CHUNKS);

        ModelVersion announced = publisher().publish(bundle.directory(), List.of(), "ada");

        assertThat(producer.history())
                .extracting(ProducerRecord::topic, ProducerRecord::key)
                .containsExactly(
                        tuple("model-artifacts", bundle.digest() + "/0"),
                        tuple("model-artifacts", bundle.digest() + "/1"),
                        tuple("model-versions", "spam/1"));
        assertThat(producer.history().get(2).value()).isEqualTo(announced);
        assertThat(announced.getModel()).isEqualTo("spam");
        assertThat(announced.getVersion()).isEqualTo(1);
        assertThat(announced.getModality()).isEqualTo(Modality.TEXT);
        assertThat(announced.getDigest()).isEqualTo(bundle.digest());
        assertThat(announced.getCard()).isEqualTo(bundle.cardText());
        assertThat(announced.getPublishedAt()).isEqualTo(NOON);
        assertThat(announced.getPublishedBy()).isEqualTo("ada");
        assertThat(announced.getLocation().getChunks()).isEqualTo(2);
        assertThat(announced.getLocation().getUri()).isNull();
    }

    @Test
    void saysWhereAVersionComesFromAndWhyItMustNotServe() throws Exception {
        Bundle plain = SomeBundle.in(temporary, 100);
        DriftReference reference =
                new DriftReference(7L, Map.of("decision", new Distribution(null, Map.of("spam", 7L))));
        Bundle bundle = new BundleBuilder(plain.cardText(), plain.savedModel())
                .reference(reference)
                .build(temporary.resolve("described"));

        ModelVersion announced = publisher()
                .publish(
                        bundle.directory(),
                        List.of(),
                        "retrain",
                        new Provenance(OptionalInt.of(3), List.of("overall: worse")));
        ModelVersion silent = publisher()
                .publish(SomeBundle.in(temporary.resolve("2"), "spam", 2, 100).directory(), List.of(), "ada");

        assertThat(announced.getParent()).isEqualTo(3);
        assertThat(announced.getRefusedBecause()).containsExactly("overall: worse");
        assertThat(announced.getReference()).isEqualTo(reference);
        assertThat(silent.getParent()).isNull();
        assertThat(silent.getRefusedBecause()).isEmpty();
        assertThat(silent.getReference()).isNull();
    }

    @Test
    void theChunksAreTheArchive() throws Exception {
        Bundle bundle = SomeBundle.in(temporary, TWO_CHUNKS);

        ModelVersion announced = publisher().publish(bundle.directory(), List.of(), "ada");

        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        for (ModelArtifactChunk chunk : chunks()) {
            assertThat(chunk.getContent().remaining()).isLessThanOrEqualTo(BundlePublisher.CHUNK_BYTES);
            archive.writeBytes(chunk.getContent().array());
        }
        assertThat(archive.size()).isEqualTo(announced.getSizeBytes());
        Path file = Files.write(temporary.resolve("archive.zip"), archive.toByteArray());
        assertThat(BundleArchive.unpack(file, temporary.resolve("unpacked"), BundleLimits.usual())
                        .digest())
                .isEqualTo(bundle.digest());
    }

    @Test
    void saysWhereTheFirstChunkIs() throws Exception {
        BundlePublisher publisher = publisher();
        publisher.publish(SomeBundle.in(temporary.resolve("1"), TWO_CHUNKS).directory(), List.of(), "ada");

        ModelVersion second = publisher.publish(
                SomeBundle.in(temporary.resolve("2"), "spam", 2, 100).directory(), List.of(), "ada");

        assertThat(second.getLocation().getFirstOffset()).isEqualTo(2);
        assertThat(second.getLocation().getPartition()).isZero();
    }

    @Test
    void aVersionNeverGetsOtherContent() throws Exception {
        BundlePublisher publisher = publisher();
        ModelVersion known =
                publisher.publish(SomeBundle.in(temporary.resolve("a"), 100).directory(), List.of(), "ada");
        Bundle other = SomeBundle.in(temporary.resolve("b"), 101);
        producer.clear();

        assertThatThrownBy(() -> publisher.publish(other.directory(), List.of(known), "ada"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 1 of model 'spam'")
                .hasMessageContaining("higher version");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void aVersionWhoseBytesWereLostCanBePublishedAgain() throws Exception {
        BundlePublisher publisher = publisher();
        Bundle bundle = SomeBundle.in(temporary, 100);
        ModelVersion first = publisher.publish(bundle.directory(), List.of(), "ada");

        ModelVersion again = publisher.publish(bundle.directory(), List.of(first), "ada");

        assertThat(chunks()).hasSize(2);
        assertThat(again.getDigest()).isEqualTo(first.getDigest());
        assertThat(again.getLocation().getFirstOffset()).isEqualTo(1);
    }

    @Test
    void aLargeBundleIsPutWhereEveryJobCanReadIt() throws Exception {
        Path shared = temporary.resolve("shared");
        Bundle bundle = SomeBundle.in(temporary, 2_000);
        BundlePublisher publisher = publisher(new BundlePublisher.Limits(1_000, Optional.of(shared)));

        ModelVersion announced = publisher.publish(bundle.directory(), List.of(), "ada");

        Path file = shared.resolve(bundle.digest() + ".zip");
        assertThat(announced.getLocation().getUri()).isEqualTo(file.toUri().toString());
        assertThat(announced.getSizeBytes()).isEqualTo(Files.size(file));
        assertThat(chunks()).isEmpty();
        try (Stream<Path> left = Files.list(shared)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void aLargeBundleIsRefusedWhereThereIsNoSuchPlace() throws Exception {
        Bundle bundle = SomeBundle.in(temporary, 2_000);
        BundlePublisher publisher = publisher(new BundlePublisher.Limits(1_000, Optional.empty()));

        assertThatThrownBy(() -> publisher.publish(bundle.directory(), List.of(), "ada"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than the 1000 that travel through Kafka");
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void announcesNothingWhoseBytesTheBrokerRefused() throws Exception {
        MockProducer<String, SpecificRecord> refusing =
                new MockProducer<>(
                        false,
                        null,
                        new StringSerializer(),
                        new AvroSerializer<>(SchemaRegistry.connect("mock://transit"))) {
                    @Override
                    public synchronized void flush() {
                        boolean refused;
                        do {
                            refused = errorNext(new RecordTooLargeException("1048588 bytes at most"));
                        } while (refused);
                    }
                };
        Bundle bundle = SomeBundle.in(temporary, 100);
        BundlePublisher publisher =
                new BundlePublisher(refusing, BundlePublisher.Limits.usual(), Clock.fixed(NOON, ZoneOffset.UTC));

        assertThatThrownBy(() -> publisher.publish(bundle.directory(), List.of(), "ada"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Cannot publish the bundle: 1048588 bytes at most");
        assertThat(refusing.history()).extracting(ProducerRecord::topic).containsExactly("model-artifacts");
    }

    private List<ModelArtifactChunk> chunks() {
        return producer.history().stream()
                .map(ProducerRecord::value)
                .filter(ModelArtifactChunk.class::isInstance)
                .map(ModelArtifactChunk.class::cast)
                .toList();
    }

    private BundlePublisher publisher() {
        return publisher(BundlePublisher.Limits.usual());
    }

    private BundlePublisher publisher(BundlePublisher.Limits limits) {
        return new BundlePublisher(producer, limits, Clock.fixed(NOON, ZoneOffset.UTC));
    }
}
