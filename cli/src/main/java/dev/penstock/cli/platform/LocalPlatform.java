package dev.penstock.cli.platform;

import dev.penstock.cli.connection.PlatformAddress;
import dev.penstock.cli.topics.SourceTopics;
import dev.penstock.flink.configuration.Checkpoints;
import dev.penstock.flink.configuration.Metrics;
import dev.penstock.flink.configuration.Registry;
import dev.penstock.flink.configuration.StateBackend;
import dev.penstock.inference.Inference;
import dev.penstock.inference.InferenceConfig;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.ingest.Ingest;
import dev.penstock.ingest.IngestConfig;
import dev.penstock.local.EmbeddedBroker;
import dev.penstock.local.EmbeddedRegistry;
import dev.penstock.local.FreePort;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.configuration.ByteSize;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A broker, a registry, ingest and the jobs that score, learn and decide who serves, in this JVM, with their data in one
 * directory. Started again in the same directory it goes on where it was. The caller closes it.
 */
public final class LocalPlatform implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalPlatform.class);
    private static final int PARTITIONS = 4;
    private static final Duration INGEST_PATIENCE = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts;
    private final PlatformAddress address;
    private final Optional<Ingest> ingest;
    private final Optional<URI> inferenceMetrics;
    private final SigningKey signingKey;

    /** @param parts latest first */
    private LocalPlatform(
            Deque<AutoCloseable> parts,
            PlatformAddress address,
            Optional<Ingest> ingest,
            Optional<URI> inferenceMetrics,
            SigningKey signingKey) {
        this.signingKey = signingKey;
        this.parts = parts;
        this.address = address;
        this.ingest = ingest;
        this.inferenceMetrics = inferenceMetrics;
    }

    /**
     * Where each part listens, on loopback but for inference's metrics: Flink's reporter listens on all addresses.
     *
     * @param broker 0 for a free port, as the others
     * @param metrics of inference, for Prometheus; ingest's are one higher, or on another free port. Empty for none
     */
    public record Ports(int broker, int registry, int flink, Optional<Integer> metrics) {
        /** Kafka's, Confluent's and Flink's usual ones. */
        public static Ports usual() {
            return new Ports(9092, 8081, 8082, Optional.empty());
        }

        public static Ports free() {
            return new Ports(0, 0, 0, Optional.empty());
        }

        private Optional<Metrics> inferenceMetrics() {
            return metrics.map(port -> new Metrics(port == 0 ? FreePort.find() : port));
        }

        private Optional<IngestConfig.Metrics> ingestMetrics() {
            return metrics.map(port -> new IngestConfig.Metrics(port == 0 ? 0 : port + 1, "localhost"));
        }
    }

    /**
     * What is particular to one run.
     *
     * @param checkpoints how often each job's state is saved
     * @param pipelinesFile where the pipelines were read from, for those who ask
     * @param pace at which it learns
     */
    public record Settings(
            Path directory, Ports ports, Duration checkpoints, Pipelines pipelines, Path pipelinesFile, Pace pace) {}

    /**
     * @param progress told what is being started
     * @throws IllegalStateException if a part cannot start; then none is left running
     */
    public static LocalPlatform start(Settings settings, Consumer<String> progress) {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return start(settings, progress, parts);
        } catch (RuntimeException e) {
            closeAll(parts);
            throw e;
        } catch (InterruptedException e) {
            closeAll(parts);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Cannot start the platform: interrupted", e);
        }
    }

    private static LocalPlatform start(Settings settings, Consumer<String> progress, Deque<AutoCloseable> parts)
            throws InterruptedException {
        Path directory = settings.directory().toAbsolutePath().normalize();
        parts.push(lock(directory));
        progress.accept("Kafka");
        EmbeddedBroker broker = EmbeddedBroker.start(
                directory.resolve("broker"), settings.ports().broker());
        parts.push(broker);
        EmbeddedRegistry server = EmbeddedRegistry.start(
                directory.resolve("schemas.jsonl"), settings.ports().registry());
        parts.push(server);
        SchemaRegistry registry = SchemaRegistry.connect(server.url());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            new TopicCreator(admin, registry, PARTITIONS, (short) 1).createMissing();
            new SourceTopics(admin, PARTITIONS, (short) 1).createMissing(settings.pipelines());
        }
        progress.accept("inference, rollout and retrain (Flink)");
        int flinkPort = settings.ports().flink() == 0
                ? FreePort.find()
                : settings.ports().flink();
        SigningKey signingKey = LocalKey.in(directory);
        Optional<Metrics> metrics = settings.ports().inferenceMetrics();
        LearningJobs learning = new LearningJobs(directory, settings, broker, server);
        List<FlinkCluster.Plan> jobs = List.of(
                inference(directory, broker, server, settings, metrics), learning.rollout(), learning.retrain());
        FlinkCluster flink =
                FlinkCluster.start(flinkPort, jobs.size(), jobs.get(0).settings());
        parts.push(flink);
        jobs.forEach(job -> parts.push(flink.run(job)));
        Optional<Ingest> ingest = Optional.empty();
        if (!settings.pipelines().withSource().isEmpty()) {
            progress.accept("ingest (Kafka Streams)");
            Ingest started = IngestPart.start(
                    directory.resolve("ingest"),
                    broker,
                    server,
                    settings.pipelines(),
                    settings.ports().ingestMetrics());
            parts.push(started);
            started.awaitRunning(INGEST_PATIENCE);
            ingest = Optional.of(started);
        }
        PlatformAddress address = new PlatformAddress(
                broker.bootstrapServers(),
                server.url(),
                "http://localhost:" + flinkPort,
                settings.pipelinesFile().toAbsolutePath().toString());
        try {
            address.write(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write where the platform answers into " + directory, e);
        }
        return new LocalPlatform(
                parts,
                address,
                ingest,
                metrics.map(where -> URI.create("http://localhost:%d/metrics".formatted(where.port()))),
                signingKey);
    }

    public PlatformAddress address() {
        return address;
    }

    /** Empty where no pipeline has a source: then producers write requests themselves. */
    public Optional<Ingest> ingest() {
        return ingest;
    }

    /** Whose signatures the platform trusts. */
    public SigningKey signingKey() {
        return signingKey;
    }

    /** Where Prometheus may ask for the metrics of ingest and of inference; empty if that was not asked for. */
    public List<URI> metrics() {
        return Stream.of(ingest.flatMap(Ingest::metrics), inferenceMetrics)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public void close() {
        closeAll(parts);
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("A part of the platform did not stop cleanly", e);
            }
        }
    }

    // Two platforms on one directory would corrupt it.
    private static AutoCloseable lock(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel file =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Optional<FileLock> lock = tryLock(file);
            if (lock.isEmpty()) {
                file.close();
                throw new IllegalStateException(
                        "Cannot start the platform in %s: another one runs there; stop it or choose another directory with --data"
                                .formatted(directory));
            }
            return file;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot start the platform in %s: %s; choose a directory that can be written with --data"
                            .formatted(directory, e.getMessage()),
                    e);
        }
    }

    private static Optional<FileLock> tryLock(FileChannel file) throws IOException {
        try {
            return Optional.ofNullable(file.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty();
        }
    }

    private static FlinkCluster.Plan inference(
            Path directory,
            EmbeddedBroker broker,
            EmbeddedRegistry registry,
            Settings settings,
            Optional<Metrics> metrics) {
        Path flinkDirectory = FlinkJob.directory(directory, "inference");
        InferenceConfig config = new InferenceConfig(
                broker.bootstrapServers(),
                new Registry(URI.create(registry.url()), Duration.ofMinutes(2), Map.of()),
                "penstock-inference",
                InferenceConfig.Delivery.AT_LEAST_ONCE,
                new Checkpoints(FlinkJob.checkpoints(flinkDirectory).toUri(), settings.checkpoints()),
                new InferenceConfig.Models(
                        directory.resolve("bundles"),
                        new InferenceConfig.Trust.Keys(LocalKey.trusted(directory)),
                        ByteSize.parse("2GiB"),
                        2,
                        Optional.empty(),
                        Duration.ofSeconds(30),
                        Duration.ofDays(7)),
                new InferenceConfig.Waiting(10_000, ByteSize.parse("64MiB")),
                BatchLimits.usual(),
                StateBackend.HEAP,
                Map.of(),
                metrics,
                Map.of());
        return new FlinkCluster.Plan(
                "penstock-inference",
                flinkDirectory,
                Inference.flinkSettings(config),
                environment -> Inference.define(environment, config, settings.pipelines()));
    }
}
