package dev.penstock.models.transit;

import dev.penstock.models.ModelRefusedException;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.bundle.BundleArchive;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.bundle.BundleRefusedException;
import dev.penstock.models.bundle.Vetting;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.trust.TrustStore;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.Polling;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches bundles into a directory by digest; what is there already and sound is not fetched again. Several processes
 * may share the directory. Thread-safe.
 */
public final class BundleFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(BundleFetcher.class);
    private static final Duration POLL = Duration.ofMillis(500);
    /** A digest becomes the name of a directory: nothing else may. */
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /**
     * What is being fetched in this process, where several tasks want the same: who comes second finds it in the cache.
     * Nothing breaks where two fetch at once, as two processes may; it takes twice the work.
     */
    private static final ConcurrentMap<Path, Lock> FETCHING = new ConcurrentHashMap<>();

    private final Supplier<Consumer<String, ModelArtifactChunk>> consumers;
    private final FileOpener files;
    private final Settings settings;
    private final Trust trust;
    private final UnusedBundles unused;

    /** Opens a bundle that is a file somewhere. */
    public interface FileOpener {
        InputStream open(URI location) throws IOException;
    }

    /** Says whose bundles may be read. */
    public interface Trust {
        /**
         * @param directory of a bundle whose files are whole
         * @param digest of it as it travels
         * @throws BundleRefusedException if it may not
         * @throws IOException if that is not known now: worth another try
         */
        void require(Path directory, String digest) throws IOException;

        /** All, whoever wrote them into the topic. */
        static Trust inAnybody() {
            return (bundle, digest) -> {};
        }

        /** Those that somebody whose key is in the store has signed. */
        static Trust in(TrustStore store) {
            return (bundle, digest) -> {
                try {
                    store.require(bundle, digest);
                } catch (IOException | IllegalArgumentException e) {
                    throw new IOException(
                            "Cannot tell whom to trust (%s); put public keys into the directory that models.trust.keys names"
                                    .formatted(e),
                            e);
                }
            };
        }
    }

    /**
     * @param cache directory of unpacked bundles, created if it is not there
     * @param limits of what is unpacked
     * @param patience how long the next chunk is waited for
     * @param keptUnused bundles that nobody fetched for so long are removed from the cache
     */
    public record Settings(Path cache, BundleLimits limits, Duration patience, Duration keptUnused) {}

    /**
     * @param consumers makes one for each fetch, without a group; it is closed here
     * @param files for bundles that do not travel through Kafka
     * @param trust asked before anything of a bundle is read
     */
    public BundleFetcher(
            Supplier<Consumer<String, ModelArtifactChunk>> consumers,
            FileOpener files,
            Trust trust,
            Settings settings) {
        this.consumers = consumers;
        this.files = files;
        this.trust = trust;
        this.settings = settings;
        this.unused = new UnusedBundles(settings.cache(), settings.keptUnused());
    }

    /**
     * @return the bundle, every file of it verified
     * @throws ModelRefusedException if what was fetched is not what was announced
     * @throws BundleRefusedException if it is, and is not a sound bundle
     * @throws IOException if it cannot be fetched now: worth another try
     */
    public Bundle fetch(ModelVersion version) throws IOException {
        if (!DIGEST.matcher(version.getDigest()).matches()) {
            throw refused(version, "its digest '%s' is not a SHA-256".formatted(version.getDigest()));
        }
        Path directory = settings.cache().resolve(version.getDigest());
        unused.use(directory);
        Bundle bundle = inTurn(directory, version);
        requireAnnounced(version, bundle.card());
        unused.remove();
        return bundle;
    }

    private Bundle inTurn(Path directory, ModelVersion version) throws IOException {
        Vetting vetting = bundle -> trust.require(bundle, version.getDigest());
        Lock turn = FETCHING.computeIfAbsent(directory, key -> new ReentrantLock());
        boolean isInTurn;
        try {
            // Who takes longer to fetch a piece gives up, but for a file system that does not answer.
            isInTurn = turn.tryLock(settings.patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Interrupted before bundle %s was fetched".formatted(directory));
        }
        try {
            Optional<Bundle> cached = openSound(directory, vetting);
            return cached.isPresent() ? cached.get() : fetchInto(directory, version, vetting);
        } finally {
            FETCHING.remove(directory, turn);
            if (isInTurn) {
                turn.unlock();
            }
        }
    }

    private Bundle fetchInto(Path directory, ModelVersion version, Vetting vetting) throws IOException {
        Files.createDirectories(settings.cache());
        Path workspace = Files.createTempDirectory(settings.cache(), "fetching-");
        try {
            Path archive = workspace.resolve("bundle.zip");
            requireDigest(version, download(version, archive));
            Path unpacked = workspace.resolve("bundle");
            BundleArchive.unpack(archive, unpacked, settings.limits(), vetting);
            return moveInto(directory, unpacked, workspace.resolve("damaged"), vetting);
        } finally {
            Directories.delete(workspace);
        }
    }

    /** Another process may have been faster; its bundle is as good, and may be in use already. */
    private static Bundle moveInto(Path directory, Path unpacked, Path damaged, Vetting vetting) throws IOException {
        Optional<Bundle> faster = openSound(directory, vetting);
        if (faster.isPresent()) {
            return faster.get();
        }
        if (Files.exists(directory)) {
            Files.move(directory, damaged, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(unpacked, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
        return Bundle.open(directory, vetting);
    }

    /** Empty if it is not there, or was damaged here: what was published is not judged by that. */
    private static Optional<Bundle> openSound(Path directory, Vetting vetting) throws IOException {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Bundle.open(directory, vetting));
        } catch (BundleRefusedException e) {
            LOG.warn("Replacing a damaged bundle: {}", e.getMessage());
            return Optional.empty();
        }
    }

    /** A decision is answered for with the announced name, so it must be the bundle's own. */
    private static void requireAnnounced(ModelVersion version, ModelCard card) {
        if (!card.name().equals(version.getModel())
                || card.version() != version.getVersion()
                || card.modality() != version.getModality()) {
            throw refused(
                    version,
                    "its bundle is version %d of model '%s' for %s"
                            .formatted(card.version(), card.name(), card.modality()));
        }
    }

    private String download(ModelVersion version, Path archive) throws IOException {
        if (version.getSizeBytes() > settings.limits().bytes()) {
            throw refused(
                    version,
                    "its bundle has %d bytes, more than the %d that are allowed here"
                            .formatted(version.getSizeBytes(), settings.limits().bytes()));
        }
        MessageDigest digest = sha256();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(archive), digest)) {
            ArtifactLocation location = version.getLocation();
            if (location.getUri() == null) {
                writeChunks(version, out);
            } else {
                writeFile(version, location.getUri(), out);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void writeFile(ModelVersion version, String location, OutputStream out) throws IOException {
        URI uri;
        try {
            uri = new URI(location);
        } catch (URISyntaxException e) {
            throw refused(version, "its location is not a URI (%s)".formatted(e.getMessage()));
        }
        try (InputStream content = files.open(uri)) {
            long left = version.getSizeBytes();
            byte[] buffer = new byte[64 * 1024];
            int read;
            while (left > 0 && (read = content.read(buffer, 0, (int) Math.min(buffer.length, left))) >= 0) {
                out.write(buffer, 0, read);
                left -= read;
            }
        }
    }

    private void writeChunks(ModelVersion version, OutputStream out) throws IOException {
        ArtifactLocation location = version.getLocation();
        TopicPartition partition = new TopicPartition(Topic.MODEL_ARTIFACTS.topicName(), location.getPartition());
        WritableByteChannel channel = Channels.newChannel(out);
        try (Consumer<String, ModelArtifactChunk> consumer = consumers.get()) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, location.getFirstOffset());
            int next = 0;
            long left = version.getSizeBytes();
            long deadline = System.nanoTime() + settings.patience().toNanos();
            while (next < location.getChunks()) {
                for (ConsumerRecord<String, ModelArtifactChunk> record : Polling.poll(consumer, POLL)) {
                    ModelArtifactChunk chunk = record.value();
                    // Bundles published at the same time lie between each other; retries lie twice.
                    if (chunk != null
                            && chunk.getDigest().equals(version.getDigest())
                            && chunk.getIndex() == next
                            && next < location.getChunks()) {
                        ByteBuffer content = chunk.getContent().duplicate();
                        left -= content.remaining();
                        if (left < 0) {
                            throw refused(
                                    version,
                                    "its chunks have more than the %d bytes that were announced"
                                            .formatted(version.getSizeBytes()));
                        }
                        channel.write(content);
                        next++;
                        deadline = System.nanoTime() + settings.patience().toNanos();
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException(
                            "Cannot fetch version %d of model '%s': chunk %d of %d did not come within %s; check that topic '%s' is complete, or publish the version again"
                                    .formatted(
                                            version.getVersion(),
                                            version.getModel(),
                                            next + 1,
                                            location.getChunks(),
                                            settings.patience(),
                                            partition.topic()));
                }
            }
        }
    }

    private static void requireDigest(ModelVersion version, String actual) {
        if (!actual.equals(version.getDigest())) {
            throw refused(
                    version,
                    "digest %s was announced, but the bundle that came has %s".formatted(version.getDigest(), actual));
        }
    }

    private static ModelRefusedException refused(ModelVersion version, String reason) {
        return new ModelRefusedException("Cannot use version %d of model '%s': %s; publish the version again"
                .formatted(version.getVersion(), version.getModel(), reason));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Cannot verify bundles: this Java has no SHA-256", e);
        }
    }
}
