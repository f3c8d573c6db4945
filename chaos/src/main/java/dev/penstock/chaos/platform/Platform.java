package dev.penstock.chaos.platform;

import dev.penstock.chaos.events.PaymentModel;
import dev.penstock.chaos.events.Payments;
import dev.penstock.chaos.judging.Delivery;
import dev.penstock.chaos.processes.Program;
import dev.penstock.chaos.processes.SupervisedProcess;
import dev.penstock.local.FreePort;
import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.transit.BundlePublisher;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.topics.NewTopics;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.topics.TopicCreator;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The whole platform as processes of this machine: brokers, schema registry, two of ingest, and a Flink cluster that
 * runs the jobs. One pipeline, whose model has two versions that share the entities half and half. The caller closes
 * it, and then none of its processes is left.
 */
public final class Platform implements AutoCloseable {
    /** How long one may wait for the registry in this process: longer than any fault lasts. */
    private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(15);

    private static final int INGESTS = 2;
    private static final double CANDIDATE_SHARE = 0.5;
    private static final String LOGGING = "logging.xml";

    private final Path directory;
    private final Plan plan;
    private final Brokers brokers;
    private final SupervisedProcess registry;
    private final String registryUrl;
    private final Clocks clocks;
    private final CheckpointDisk checkpoints;
    private final Optional<ObjectStore> objects;
    private final List<SupervisedProcess> ingests;
    private final Flink flink;
    private Instant rolloutSince = Instant.EPOCH;

    /**
     * What is started.
     *
     * @param partitions of every topic that is read in parallel
     * @param checkpointInterval of the jobs: with exactly-once the age of an outcome when it can be read
     * @param transactionTimeout after which brokers give up what the jobs have not committed
     * @param checkpoints where the jobs keep their state
     * @param limitedDisk whether the disk of the checkpoints can be made full
     * @param adjustableClocks whether the clocks of ingest and of TaskManagers can be set
     */
    public record Plan(
            int brokers,
            int partitions,
            Delivery delivery,
            Flink.Size flink,
            Duration checkpointInterval,
            Duration transactionTimeout,
            CheckpointStore checkpoints,
            boolean limitedDisk,
            boolean adjustableClocks) {}

    private Platform(
            Path directory,
            Plan plan,
            Brokers brokers,
            SupervisedProcess registry,
            String registryUrl,
            Clocks clocks,
            CheckpointDisk checkpoints,
            Optional<ObjectStore> objects,
            List<SupervisedProcess> ingests,
            Flink flink) {
        this.directory = directory;
        this.plan = plan;
        this.brokers = brokers;
        this.registry = registry;
        this.registryUrl = registryUrl;
        this.clocks = clocks;
        this.checkpoints = checkpoints;
        this.objects = objects;
        this.ingests = List.copyOf(ingests);
        this.flink = flink;
    }

    /**
     * Starts brokers and registry, makes the topics and publishes the model's versions. Ingest and the jobs are started
     * apart.
     *
     * @param directory for everything; it must be new or empty
     */
    public static Platform start(Installation installation, Path directory, Plan plan)
            throws IOException, InterruptedException {
        Path logs = Files.createDirectories(directory.resolve("logs"));
        Path logging = directory.resolve(LOGGING);
        try (var shipped = Platform.class.getResourceAsStream(LOGGING)) {
            Files.write(logging, shipped.readAllBytes());
        }
        List<String> javaOptions = javaOptions(logging);
        Clocks clocks = plan.adjustableClocks() ? Clocks.adjustable(directory.resolve("clocks")) : Clocks.right();
        int registryPort = FreePort.find();
        String registryUrl = "http://localhost:" + registryPort;
        SupervisedProcess registry = new SupervisedProcess(
                "registry",
                Program.java(
                        withHeap(javaOptions, 64),
                        System.getProperty("java.class.path"),
                        RegistryMain.class.getName(),
                        List.of(directory.resolve("schemas.jsonl").toString(), Integer.toString(registryPort))),
                logs.resolve("registry.log"));
        Deque<Runnable> started = new ArrayDeque<>();
        try {
            started.push(registry::close);
            registry.start();
            Brokers brokers = Brokers.start(directory, plan.brokers(), withHeap(javaOptions, 320), logs);
            started.push(brokers::close);
            Path checkpointDirectory = directory.resolve("checkpoints");
            CheckpointDisk checkpoints = plan.limitedDisk()
                    ? CheckpointDisk.limited(checkpointDirectory)
                    : CheckpointDisk.unlimited(checkpointDirectory);
            started.push(checkpoints::close);
            Optional<ObjectStore> objects = plan.checkpoints() == CheckpointStore.S3
                    ? Optional.of(ObjectStore.start(
                            installation, directory.resolve("s3"), withHeap(javaOptions, 128), logs.resolve("s3.log")))
                    : Optional.empty();
            objects.ifPresent(store -> started.push(store::close));
            CheckpointAccess access = objects.map(ObjectStore::access)
                    .orElseGet(() -> CheckpointAccess.byUriAlone(checkpointDirectory.toUri()));
            Path jobs = Files.createDirectories(directory.resolve("jobs"));
            Files.writeString(jobs.resolve("pipelines.yaml"), pipelines());
            Files.writeString(
                    jobs.resolve("inference.yaml"),
                    inference(plan, brokers.addresses(Brokers.Door.JOBS), registryUrl, directory, access.directory()));
            List<SupervisedProcess> ingests = new ArrayList<>();
            for (int number = 1; number <= INGESTS; number++) {
                String name = "ingest-" + number;
                Path config = directory.resolve(name + ".yaml");
                Files.writeString(
                        config, ingest(plan, brokers.addresses(Brokers.Door.INGEST), registryUrl, directory, name));
                ingests.add(new SupervisedProcess(
                        name,
                        Program.java(
                                        withHeap(javaOptions, 160),
                                        System.getProperty("java.class.path"),
                                        "dev.penstock.ingest.IngestMain",
                                        List.of(
                                                config.toString(),
                                                jobs.resolve("pipelines.yaml").toString()))
                                .with(clocks.variables(name)),
                        logs.resolve(name + ".log")));
            }
            Flink flink = new Flink(
                    installation, directory.resolve("flink"), logs, jobs, access, plan.flink(), javaOptions, clocks);
            Platform platform = new Platform(
                    directory, plan, brokers, registry, registryUrl, clocks, checkpoints, objects, ingests, flink);
            platform.prepare();
            return platform;
        } catch (IOException | InterruptedException | RuntimeException e) {
            started.forEach(Runnable::run);
            throw e;
        }
    }

    /** Two processes. */
    public void startIngest() {
        ingests.forEach(SupervisedProcess::start);
    }

    /** What it has not read yet stays where it is. */
    public void stopIngest() throws InterruptedException {
        for (SupervisedProcess ingest : ingests) {
            ingest.stop();
        }
    }

    /** A JobManager and TaskManagers. */
    public void startJobs() {
        flink.start();
    }

    /** As if the machine was switched off: what is there of their state stays as it is. */
    public void stopJobs() throws InterruptedException {
        flink.kill();
    }

    public Path directory() {
        return directory;
    }

    public Plan plan() {
        return plan;
    }

    public Brokers brokers() {
        return brokers;
    }

    public SupervisedProcess registry() {
        return registry;
    }

    public List<SupervisedProcess> ingests() {
        return ingests;
    }

    public Flink flink() {
        return flink;
    }

    public Clocks clocks() {
        return clocks;
    }

    public CheckpointDisk checkpoints() {
        return checkpoints;
    }

    /** Where the jobs' state lies, whichever way they reach it. */
    public Path checkpointFiles() {
        return objects.map(ObjectStore::bucket).orElseGet(checkpoints::directory);
    }

    /** When the rollout's steps begin, the earliest first. */
    public List<Instant> rolloutSteps() {
        return List.of(rolloutSince);
    }

    /** For this process, whose clients wait for a registry that is away. */
    public SchemaRegistry schemas() {
        return SchemaRegistry.connect(registryUrl, Map.of(), REGISTRY_PATIENCE);
    }

    private void prepare() throws IOException, InterruptedException {
        short copies = (short) plan.brokers();
        new TopicCreator(brokers.admin(), schemas(), plan.partitions(), copies).createMissing();
        NewTopics.create(brokers.admin(), List.of(new NewTopic(Payments.TOPIC, plan.partitions(), copies)));
        Path models = Files.createDirectories(directory.resolve("models"));
        try (KafkaProducer<String, SpecificRecord> producer = producer()) {
            BundlePublisher publisher =
                    new BundlePublisher(producer, BundlePublisher.Limits.usual(), Clock.systemUTC());
            List<Bundle> versions = PaymentModel.build(models);
            for (Bundle version : versions) {
                publisher.publish(version.directory(), List.of(), "chaos");
            }
            rolloutSince = Instant.now();
            publish(producer, rollout(rolloutSince));
        }
    }

    private static void publish(KafkaProducer<String, SpecificRecord> producer, RolloutState state)
            throws InterruptedException {
        try {
            producer.send(new ProducerRecord<>(Topic.ROLLOUTS.topicName(), state.getModel(), state))
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Cannot write the rollout: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private static RolloutState rollout(Instant since) {
        return RolloutState.newBuilder()
                .setModel(PaymentModel.NAME)
                .setSteps(List.of(RolloutStep.newBuilder()
                        .setHoldsFrom(since)
                        .setChampion(1)
                        .setCandidate(2)
                        .setShare(CANDIDATE_SHARE)
                        .setSalt("chaos")
                        .build()))
                .setVersions(List.of(
                        VersionStanding.newBuilder()
                                .setVersion(1)
                                .setStage(RolloutStage.CHAMPION)
                                .setSince(since)
                                .build(),
                        VersionStanding.newBuilder()
                                .setVersion(2)
                                .setStage(RolloutStage.CANARY)
                                .setSince(since)
                                .build()))
                .setChangedAt(since)
                .build();
    }

    private KafkaProducer<String, SpecificRecord> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        brokers.addresses(Brokers.Door.HARNESS),
                        // A topic that is new may refuse the first batch, take the second, and then never the first.
                        ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                        "1"),
                new StringSerializer(),
                new AvroSerializer<>(schemas()));
    }

    private static String pipelines() {
        return """
                pipelines:
                  %s:
                    modality: record
                    model: %s
                    source:
                      topic: %s
                      id: id
                      entity: card
                      time: at
                      keyed-by: entity
                      payload:
                        features:
                          numbers: {%s}
                """.formatted(
                        PaymentModel.NAME,
                        PaymentModel.NAME,
                        Payments.TOPIC,
                        Payments.FEATURES.stream()
                                .map(feature -> feature + ": " + Payments.field(feature))
                                .collect(Collectors.joining(", ")));
    }

    private static String inference(Plan plan, String addresses, String registryUrl, Path directory, URI checkpoints) {
        return """
                brokers: %s
                registry:
                  url: %s
                delivery: %s
                checkpoints:
                  directory: %s
                  interval: %s
                models:
                  cache: %s
                  trust: {anybody: {}}
                state: heap
                kafka: {transaction.timeout.ms: "%d"}
                """.formatted(
                        addresses,
                        registryUrl,
                        plan.delivery().setting(),
                        checkpoints,
                        plan.checkpointInterval(),
                        directory.resolve("bundles"),
                        plan.transactionTimeout().toMillis());
    }

    private static String ingest(Plan plan, String addresses, String registryUrl, Path directory, String name) {
        return """
                brokers: %s
                registry:
                  url: %s
                state-directory: %s
                threads: %d
                replication: %d
                # Fewer transactions than by default, which is for latency: broker and jobs share two processors.
                commit-interval: PT0.2S
                linger: PT0.02S
                """.formatted(
                        addresses,
                        registryUrl,
                        directory.resolve(name),
                        Math.max(1, plan.partitions() / INGESTS),
                        plan.brokers());
    }

    private static List<String> javaOptions(Path logging) {
        return List.of(
                "-XX:+UseSerialGC",
                // A process lives for seconds here: what the second compiler does would come too late.
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "-Djava.awt.headless=true",
                "-Dlog4j2.configurationFile=" + logging);
    }

    private static List<String> withHeap(List<String> javaOptions, int mebibytes) {
        List<String> options = new ArrayList<>(javaOptions);
        options.add("-Xmx%dm".formatted(mebibytes));
        return options;
    }

    @Override
    public void close() {
        flink.close();
        ingests.forEach(SupervisedProcess::close);
        registry.close();
        brokers.close();
        objects.ifPresent(ObjectStore::close);
        checkpoints.close();
    }
}
