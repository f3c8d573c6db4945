package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.Calling;
import dev.penstock.cli.demo.events.DemoEvent;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.cli.demo.events.Mailing;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.Scanning;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.platform.LocalPlatform;
import dev.penstock.data.Transaction;
import dev.penstock.ingest.Ingest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Help;

/** One run of the demo, from an empty directory to the last account. */
final class Demo {
    private static final Duration FIRST_ANSWER = Duration.ofMinutes(2);
    /** Without any change for so long, what has no outcome will not get one. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private static final Duration CHECKPOINTS = Duration.ofSeconds(5);
    private static final int BOOTSTRAP_THREADS = 2;

    private static final String FRAUD = "fraud";

    private final Settings settings;
    private final Output output;

    record Settings(int events, double rate, long seed, boolean keepRunning) {}

    Demo(Settings settings, Output output) {
        this.settings = settings;
        this.output = output;
    }

    DemoReport run() throws IOException, InterruptedException {
        Instant start =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        Path directory = Files.createTempDirectory("penstock-demo-");
        try {
            Path file = directory.resolve("pipelines.yaml");
            try (InputStream shipped = Demo.class.getResourceAsStream("pipelines.yaml")) {
                Files.copy(Objects.requireNonNull(shipped), file);
            }
            Pipelines pipelines = Pipelines.read(file, Map.of());
            ExecutorService threads = Executors.newFixedThreadPool(BOOTSTRAP_THREADS);
            try {
                return run(start, directory, file, pipelines, threads);
            } finally {
                threads.shutdownNow();
            }
        } finally {
            Deletion.of(directory);
        }
    }

    private DemoReport run(
            Instant start, Path directory, Path pipelinesFile, Pipelines pipelines, ExecutorService threads)
            throws InterruptedException {
        List<Transaction> payments = Paying.history(settings.seed());
        Bootstrap bootstrap = new Bootstrap(
                directory.resolve("bootstrap"),
                payments,
                pipelines.named(FRAUD).orElseThrow().rolling().values(),
                settings.seed());
        // Training needs no platform, so both start at once.
        List<Future<Bootstrap.Ready>> training =
                bootstrap.trainings().stream().map(threads::submit).toList();
        output.note("Training a first version of four models on a small share of the data...");
        try (LocalPlatform platform = LocalPlatform.start(
                new LocalPlatform.Settings(
                        directory.resolve("platform"),
                        LocalPlatform.Ports.free(),
                        CHECKPOINTS,
                        pipelines,
                        pipelinesFile),
                part -> output.note("Starting " + part + "..."))) {
            output.note("Flink's web interface: " + platform.address().flink());
            DemoReport report = stream(start, platform, pipelines, payments, training);
            output.result(report, report.table());
            explain(report);
            if (settings.keepRunning()) {
                output.note("The platform runs on at %s, registry %s; Ctrl-C stops it."
                        .formatted(
                                platform.address().brokers(), platform.address().registry()));
                new CountDownLatch(1).await();
            }
            return report;
        }
    }

    private DemoReport stream(
            Instant start,
            LocalPlatform platform,
            Pipelines pipelines,
            List<Transaction> payments,
            List<Future<Bootstrap.Ready>> training)
            throws InterruptedException {
        SchemaRegistry registry = SchemaRegistry.connect(platform.address().registry());
        List<DemoPipeline> running = pipelines(pipelines);
        Map<String, Ledger> ledgers = running.stream()
                .collect(Collectors.toMap(pipeline -> pipeline.source().topic(), DemoPipeline::ledger));
        Observer observer = new Observer(ledgers);
        AvroDeserializer<Prediction> predictions = AvroDeserializer.of(registry, Prediction.class);
        try (Producer<String, byte[]> producer = producer(platform);
                OutcomeReader reader = OutcomeReader.open(consumer(platform), predictions, observer);
                ModelPublishing publishing = new ModelPublishing(platform.address(), registry, platform.signingKey())) {
            for (Future<Bootstrap.Ready> trained : training) {
                Bootstrap.Ready model = finished(trained);
                publishing.publish(model.bundle());
                output.note("%s: version 1 trained in %.1f s on %d examples, published"
                        .formatted(model.model(), model.seconds(), model.examples()));
                if (model.model().equals(FRAUD)) {
                    sendHistory(platform, registry, payments);
                }
                // One event each at once: it waits for the model, and the others need not.
                running.stream()
                        .filter(pipeline -> pipeline.name().equals(model.model()))
                        .forEach(pipeline -> sender(pipeline, producer, registry)
                                .send(pipeline.events().subList(0, 1), settings.rate()));
            }
            await(
                    FIRST_ANSWER,
                    observer,
                    running,
                    () -> running.stream()
                            .allMatch(pipeline -> pipeline.ledger().hasPrediction()),
                    "a first prediction of every model");
            await(FIRST_ANSWER, observer, running, () -> observer.others() >= payments.size(), "what came before");
            sendAll(running, producer, registry, observer);
            settle(running, observer, platform.ingest().orElseThrow());
            return report(start, running, observer, platform.ingest().orElseThrow());
        }
    }

    /** What cards and terminals did before is known from their own events, as on the day when a new job is started. */
    private void sendHistory(LocalPlatform platform, SchemaRegistry registry, List<Transaction> payments) {
        try (PastPayments past = new PastPayments(platform.address(), registry)) {
            int reported = past.send(payments);
            output.note("fraud: %d payments before the stream begins, and %d reports of fraud among them"
                    .formatted(payments.size(), reported));
        }
    }

    private void sendAll(
            List<DemoPipeline> running, Producer<String, byte[]> producer, SchemaRegistry registry, Observer observer)
            throws InterruptedException {
        output.note("Sending %d events to each of %d pipelines, %s a second each, some broken on purpose..."
                .formatted(settings.events(), running.size(), Math.round(settings.rate())));
        LiveProgress progress = new LiveProgress(output.notes(), !output.isJson() && Help.Ansi.AUTO.enabled());
        ExecutorService senders = Executors.newFixedThreadPool(running.size());
        try {
            List<Future<?>> sending = new ArrayList<>();
            for (DemoPipeline pipeline : running) {
                Sender sender = sender(pipeline, producer, registry);
                List<DemoEvent> rest =
                        pipeline.events().subList(1, pipeline.events().size());
                sending.add(senders.submit(() -> sender.send(rest, settings.rate())));
            }
            while (!sending.stream().allMatch(Future::isDone)) {
                observer.check();
                progress.show(running);
                TimeUnit.MILLISECONDS.sleep(50);
            }
            for (Future<?> sent : sending) {
                finished(sent);
            }
            progress.draw(running);
        } finally {
            senders.shutdownNow();
        }
    }

    // Nothing is settled until every event has its outcome, or nothing has happened for a while.
    private static void settle(List<DemoPipeline> running, Observer observer, Ingest ingest)
            throws InterruptedException {
        long lastChange = System.nanoTime();
        int lastCount = -1;
        while (System.nanoTime() - lastChange < SILENCE.toNanos()) {
            observer.check();
            if (running.stream()
                    .allMatch(pipeline -> pipeline.ledger().isSettled()
                            && ingest.counters().of(pipeline.name()).duplicates()
                                    >= pipeline.ledger().repetitionsWithoutOutcome())) {
                return;
            }
            int count = running.stream()
                    .map(pipeline -> pipeline.ledger().tally())
                    .mapToInt(tally -> tally.predicted() + tally.deadLettered())
                    .sum();
            if (count != lastCount) {
                lastCount = count;
                lastChange = System.nanoTime();
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private DemoReport report(Instant start, List<DemoPipeline> running, Observer observer, Ingest ingest) {
        List<PipelineReport> pipelines = running.stream()
                .map(pipeline -> PipelineReport.of(
                        pipeline, ingest.counters().of(pipeline.name()).duplicates()))
                .toList();
        OptionalLong peak = PeakMemory.mebibytes();
        return new DemoReport(
                settings.seed(),
                settings.events(),
                observer.firstPrediction().map(first -> seconds(start, first)).orElse(Double.NaN),
                seconds(start, Instant.now()),
                peak.isPresent() ? peak.getAsLong() : null,
                pipelines.stream().allMatch(PipelineReport::balanced),
                pipelines);
    }

    private void explain(DemoReport report) {
        output.note("First prediction %.1f s after start; %.1f s in all; peak resident memory %s."
                .formatted(
                        report.firstPredictionSeconds(),
                        report.totalSeconds(),
                        report.peakResidentMebibytes() == null
                                ? "not known on this system"
                                : report.peakResidentMebibytes() + " MiB"));
        if (report.balanced()) {
            output.note("Every event has exactly one outcome: sent = predicted + dead letters + duplicates dropped.");
            return;
        }
        for (PipelineReport pipeline : report.pipelines()) {
            if (!pipeline.balanced()) {
                output.note("%s: %d sent, but %d predicted + %d dead letters + %d duplicates; without an outcome: %s"
                        .formatted(
                                pipeline.name(),
                                pipeline.sent(),
                                pipeline.predicted(),
                                pipeline.deadLettered(),
                                pipeline.duplicatesDropped(),
                                pipeline.missing()));
            }
        }
    }

    private List<DemoPipeline> pipelines(Pipelines described) {
        Instant now = Instant.now();
        return List.of(new Mailing(), new Scanning(), new Calling(), new Paying()).stream()
                .map((EventSource source) -> {
                    Modality modality =
                            described.named(source.pipeline()).orElseThrow().modality();
                    return new DemoPipeline(
                            source.pipeline(),
                            modality,
                            source,
                            source instanceof Paying ? Optional.of(FRAUD) : Optional.empty(),
                            source.all(settings.events(), now.minusSeconds(60), settings.seed()),
                            source.distinct(settings.events()),
                            new Ledger());
                })
                .toList();
    }

    private static void await(
            Duration patience, Observer observer, List<DemoPipeline> running, BooleanSupplier condition, String what)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            observer.check();
            if (System.nanoTime() > deadline) {
                List<String> silent = running.stream()
                        .filter(pipeline -> !pipeline.ledger().hasPrediction())
                        .map(DemoPipeline::name)
                        .toList();
                throw CommandException.failed(
                        "Cannot go on: %s did not come within %s; silent: %s".formatted(what, patience, silent),
                        "The log says why: %s".formatted(System.getProperty("penstock.log", "penstock.log")),
                        null);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static <T> T finished(Future<T> work) throws InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
        }
    }

    private static Sender sender(DemoPipeline pipeline, Producer<String, byte[]> producer, SchemaRegistry registry) {
        return new Sender(pipeline.source(), pipeline.ledger(), producer, registry, Clock.systemUTC());
    }

    private static Producer<String, byte[]> producer(LocalPlatform platform) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", platform.address().brokers(), "linger.ms", "0"),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(LocalPlatform platform) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        platform.address().brokers(),
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        "20",
                        "max.partition.fetch.bytes",
                        Integer.toString(Topic.LARGEST_RECORD_BYTES)),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static double seconds(Instant from, Instant to) {
        return Math.round(Duration.between(from, to).toMillis() / 100.0) / 10.0;
    }
}
