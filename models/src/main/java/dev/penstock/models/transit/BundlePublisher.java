package dev.penstock.models.transit;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleArchive;
import dev.penstock.models.card.ModelCard;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Publishes bundles: first the bytes, then, once they are all written, the announcement. For one thread at a time; the
 * producer stays the caller's.
 */
public final class BundlePublisher {
    /** Well below the megabyte that a broker takes by default. */
    static final int CHUNK_BYTES = 512 * 1024;

    /** Every chunk is in this partition, so that a reader can start at the first and read on. */
    private static final int PARTITION = 0;

    private final Producer<String, SpecificRecord> producer;
    private final Limits limits;
    private final Clock clock;

    /**
     * @param largestInChunks bytes of the largest bundle that travels through Kafka
     * @param shared where larger ones are put: a directory that every job can read; empty to refuse them
     */
    public record Limits(long largestInChunks, Optional<Path> shared) {
        /** 256 MiB, and nothing larger. */
        public static Limits usual() {
            return new Limits(256L * 1024 * 1024, Optional.empty());
        }
    }

    /** @param producer its value serializer registers schemas by topic */
    public BundlePublisher(Producer<String, SpecificRecord> producer, Limits limits, Clock clock) {
        this.producer = producer;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Publishes a bundle that is in a directory. What is published already is sent and announced once more: its bytes
     * may have been lost, and compaction keeps one of each.
     *
     * @param known what was published before: a version is immutable
     * @return the announcement, once the broker has it
     * @throws dev.penstock.models.bundle.BundleRefusedException if the directory is not a sound bundle
     * @throws IllegalArgumentException if its version exists with other bytes
     * @throws IllegalStateException if the broker refuses it
     */
    public ModelVersion publish(Path directory, List<ModelVersion> known, String publishedBy)
            throws IOException, InterruptedException {
        return publish(directory, known, publishedBy, Provenance.unknown());
    }

    /** The same for a version of which is known where it comes from, or why it must not serve. */
    public ModelVersion publish(Path directory, List<ModelVersion> known, String publishedBy, Provenance provenance)
            throws IOException, InterruptedException {
        Bundle bundle = Bundle.open(directory);
        Path workspace = Files.createTempDirectory("penstock-bundle-");
        Path archive = workspace.resolve("bundle.zip");
        try {
            String digest = BundleArchive.pack(directory, archive);
            sameVersion(bundle.card(), known).ifPresent(existing -> requireSameBytes(existing, digest));
            ModelVersion announcement = announcement(
                    bundle,
                    digest,
                    Files.size(archive),
                    place(archive, digest, bundle.card()),
                    publishedBy,
                    provenance);
            await(producer.send(
                    new ProducerRecord<>(Topic.MODEL_VERSIONS.topicName(), VersionKey.of(announcement), announcement)));
            return announcement;
        } finally {
            Directories.delete(workspace);
        }
    }

    private ArtifactLocation place(Path archive, String digest, ModelCard card)
            throws IOException, InterruptedException {
        if (Files.size(archive) <= limits.largestInChunks()) {
            return sendChunks(archive, digest);
        }
        Path shared = limits.shared()
                .orElseThrow(() -> new IllegalArgumentException(
                        "Cannot publish version %d of model '%s': its bundle has %d bytes, more than the %d that travel through Kafka; name a directory for large bundles that every job can read"
                                .formatted(card.version(), card.name(), size(archive), limits.largestInChunks())));
        Files.createDirectories(shared);
        Path file = shared.resolve(digest + ".zip");
        Path workspace = Files.createTempDirectory(shared, "publishing-");
        try {
            Path unfinished = Files.copy(archive, workspace.resolve("bundle.zip"));
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Directories.delete(workspace);
        }
        return ArtifactLocation.newBuilder().setUri(file.toUri().toString()).build();
    }

    private ArtifactLocation sendChunks(Path archive, String digest) throws IOException, InterruptedException {
        int count = Math.toIntExact((Files.size(archive) + CHUNK_BYTES - 1) / CHUNK_BYTES);
        List<Future<RecordMetadata>> sent = new ArrayList<>(count);
        try (InputStream content = Files.newInputStream(archive)) {
            for (int index = 0; index < count; index++) {
                ModelArtifactChunk chunk =
                        new ModelArtifactChunk(digest, index, count, ByteBuffer.wrap(content.readNBytes(CHUNK_BYTES)));
                sent.add(producer.send(new ProducerRecord<>(
                        Topic.MODEL_ARTIFACTS.topicName(), PARTITION, digest + "/" + index, chunk)));
            }
        }
        producer.flush();
        long first = Long.MAX_VALUE;
        for (Future<RecordMetadata> chunk : sent) {
            first = Math.min(first, await(chunk).offset());
        }
        return ArtifactLocation.newBuilder()
                .setPartition(PARTITION)
                .setFirstOffset(first)
                .setChunks(count)
                .build();
    }

    private ModelVersion announcement(
            Bundle bundle,
            String digest,
            long size,
            ArtifactLocation location,
            String publishedBy,
            Provenance provenance) {
        ModelCard card = bundle.card();
        return ModelVersion.newBuilder()
                .setModel(card.name())
                .setVersion(card.version())
                .setModality(card.modality())
                .setDigest(digest)
                .setSizeBytes(size)
                .setCard(bundle.cardText())
                .setLocation(location)
                .setPublishedAt(clock.instant())
                .setPublishedBy(publishedBy)
                .setParent(provenance.parent().isPresent() ? provenance.parent().getAsInt() : null)
                .setRefusedBecause(provenance.refusedBecause())
                .setReference(bundle.reference().orElse(null))
                .build();
    }

    private static Optional<ModelVersion> sameVersion(ModelCard card, List<ModelVersion> known) {
        return known.stream()
                .filter(version -> version.getModel().equals(card.name()) && version.getVersion() == card.version())
                .findAny();
    }

    private static void requireSameBytes(ModelVersion existing, String digest) {
        if (!existing.getDigest().equals(digest)) {
            throw new IllegalArgumentException(
                    "Cannot publish version %d of model '%s': it exists with other content (%s, now %s); give the new one a higher version"
                            .formatted(existing.getVersion(), existing.getModel(), existing.getDigest(), digest));
        }
    }

    private static RecordMetadata await(Future<RecordMetadata> sent) throws InterruptedException {
        try {
            return sent.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot publish the bundle: %s".formatted(e.getCause().getMessage()), e.getCause());
        }
    }

    private static long size(Path archive) {
        try {
            return Files.size(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
