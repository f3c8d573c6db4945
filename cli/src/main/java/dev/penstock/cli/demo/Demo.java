package dev.penstock.cli.demo;

import dev.penstock.cli.demo.bundles.ModelPublishing;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.PaymentDays;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.cli.demo.story.Chronicle;
import dev.penstock.cli.demo.story.StoryReport;
import dev.penstock.cli.demo.story.StoryReport.Act;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.platform.LocalPlatform;
import dev.penstock.cli.platform.Pace;
import dev.penstock.data.Transaction;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.ProducerSettings;
import dev.penstock.models.bundle.BundleLimits;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.models.transit.BundleFetcher;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelArtifactChunk;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help;

/** One run of the demo, from an empty directory to the last account. */
final class Demo {
    private static final Duration FIRST_ANSWER = Duration.ofMinutes(2);
    private static final Duration CHECKPOINTS = Duration.ofSeconds(5);
    private static final int BOOTSTRAP_THREADS = 2;
    private static final int LOOK_MILLIS = 50;

    private static final String FRAUD = "fraud";
    private static final long LARGEST_BUNDLE = 64L * 1024 * 1024;
    private static final int MOST_FILES = 100;

    /**
     * While the story is told: so that mails, digits and recordings come again, under new ids, only after more than a
     * minute, when the first new versions have been trained and compared.
     */
    private static final Map<String, Double> PACES =
            Map.of("spam", 22.0, "digits", 22.0, "languages", 4.5, FRAUD, 30.0);

    /** Longer than the story lasts, if every act takes all of its time. */
    private static final Duration LONGEST = Duration.ofMinutes(13);

    /** Events among which some are broken, or come twice. */
    private static final int OPENING = 100;

    private static final int DECISIONS_A_POINT = 100;

    private final Settings settings;
    private final Output output;

    /** @param report where the story's page and pictures are written */
    record Settings(Length length, long seed, boolean keepRunning, Path report) {}

    /** How much is shown. */
    sealed interface Length {
        /** The first versions, and an account of so many good events for each of them. */
        record Account(int events, double perSecond) implements Length {}

        /** How they learn, and what becomes of a bad version and of lies. */
        record WholeStory() implements Length {}
    }

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
            throws InterruptedException, IOException {
        PaymentDays days = new PaymentDays(settings.seed(), count(FRAUD), Instant.now());
        Bootstrap bootstrap = new Bootstrap(
                directory.resolve("bootstrap"),
                days,
                pipelines.named(FRAUD).orElseThrow().rolling().values(),
                settings.seed());
        // Training needs no platform, so both start at once.
        List<Future<Bootstrap.Ready>> training = bootstrap.lessons().stream()
                .map(lesson -> threads.submit(lesson.training()))
                .toList();
        output.note("Training a first version of four models on a small share of the data...");
        try (LocalPlatform platform = LocalPlatform.start(
                new LocalPlatform.Settings(
                        directory.resolve("platform"),
                        LocalPlatform.Ports.free(),
                        CHECKPOINTS,
                        pipelines,
                        pipelinesFile,
                        Pace.DEMO),
                part -> output.note("Starting " + part + "..."))) {
            output.note("Flink's web interface: " + platform.address().flink());
            DemoReport report = new Run(start, directory, platform, pipelines, days).through(training);
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

    /** What happens while the platform is there. */
    private final class Run {
        private final Instant start;
        private final Path directory;
        private final LocalPlatform platform;
        private final List<Transaction> pastPayments;
        private final SchemaRegistry registry;
        private final List<DemoPipeline> running;

        Run(Instant start, Path directory, LocalPlatform platform, Pipelines pipelines, PaymentDays days) {
            this.start = start;
            this.directory = directory;
            this.platform = platform;
            this.pastPayments = days.past();
            this.registry = SchemaRegistry.connect(platform.address().registry());
            this.running = pipelines(pipelines, days);
        }

        DemoReport through(List<Future<Bootstrap.Ready>> training) throws InterruptedException, IOException {
            Map<String, Ledger> ledgers = running.stream()
                    .collect(Collectors.toMap(pipeline -> pipeline.source().topic(), DemoPipeline::ledger));
            AvroDeserializer<Prediction> predictions = AvroDeserializer.of(registry, Prediction.class);
            AtomicReference<@Nullable Observer> observing = new AtomicReference<>();
            try (Producer<String, byte[]> producer = producer();
                    PenstockProducer reviews = PenstockProducer.connect(ProducerSettings.of(
                            platform.address().brokers(),
                            URI.create(platform.address().registry())));
                    ModelPublishing publishing = new ModelPublishing(avroProducer(), platform.signingKey());
                    EventStream stream = new EventStream(running, producer, registry)) {
                Story story = new Story(
                        start,
                        new Story.Scene(
                                running,
                                reviews,
                                publishing,
                                bundles(),
                                TensorFlowRuntime.inCallingThread(),
                                directory,
                                settings.seed(),
                                () -> Objects.requireNonNull(observing.get()).check()));
                Observer observer = new Observer(ledgers, story::predicted);
                observing.set(observer);
                try (OutcomeReader reader = OutcomeReader.open(consumer(), predictions, observer);
                        Chronicle chronicle =
                                Chronicle.open(platform.address(), registry, story::shadowed, this::happened)) {
                    publish(training, publishing, stream);
                    awaitFirstAnswers(observer);
                    if (settings.length() instanceof Length.WholeStory) {
                        return tell(story, chronicle, stream, observer);
                    }
                    return account(stream, observer);
                }
            }
        }

        private void publish(List<Future<Bootstrap.Ready>> training, ModelPublishing publishing, EventStream stream)
                throws InterruptedException {
            for (Future<Bootstrap.Ready> trained : training) {
                Bootstrap.Ready model = finished(trained);
                publishing.publish(model.bundle());
                output.note("%s: version 1 trained in %.1f s on %d examples, published"
                        .formatted(model.model(), model.seconds(), model.examples()));
                if (model.model().equals(FRAUD)) {
                    sendHistory();
                }
                // One event each at once: it waits for the model, and the others need not.
                stream.sendFirst(model.model());
            }
        }

        /** What cards and terminals did before is known from their own events, as when a new job is started. */
        private void sendHistory() {
            try (PastPayments past = new PastPayments(avroProducer())) {
                int reported = past.send(pastPayments);
                output.note("fraud: %d payments before the stream begins, and %d reports of fraud among them"
                        .formatted(pastPayments.size(), reported));
            }
        }

        private void awaitFirstAnswers(Observer observer) throws InterruptedException {
            await(
                    observer,
                    () -> running.stream()
                            .allMatch(pipeline -> pipeline.ledger().hasPrediction()),
                    "a first prediction of every model");
            await(observer, () -> observer.others() >= pastPayments.size(), "what came before");
        }

        private void await(Observer observer, BooleanSupplier condition, String what) throws InterruptedException {
            long deadline = System.nanoTime() + FIRST_ANSWER.toNanos();
            while (!condition.getAsBoolean()) {
                observer.check();
                if (System.nanoTime() > deadline) {
                    List<String> silent = running.stream()
                            .filter(pipeline -> !pipeline.ledger().hasPrediction())
                            .map(DemoPipeline::name)
                            .toList();
                    throw CommandException.failed(
                            "Cannot go on: %s did not come within %s; silent: %s".formatted(what, FIRST_ANSWER, silent),
                            "The log says why: %s".formatted(System.getProperty("penstock.log", "penstock.log")),
                            null);
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        }

        private DemoReport account(EventStream stream, Observer observer) throws InterruptedException {
            output.note("Sending events to %d pipelines, some broken on purpose...".formatted(running.size()));
            LiveProgress progress = new LiveProgress(output.notes(), !output.isJson() && Help.Ansi.AUTO.enabled());
            stream.start();
            while (!stream.isDone()) {
                observer.check();
                progress.show(running);
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            stream.awaitSent();
            progress.draw(running);
            stream.settle(observer, this::dropped);
            return report(observer, List.of(), List.of(), null);
        }

        private DemoReport tell(Story story, Chronicle chronicle, EventStream stream, Observer observer)
                throws InterruptedException, IOException {
            output.note("Events begin to stream; people look at some of them and say what they were.");
            stream.start();
            List<Act> acts = story.play(
                    chronicle,
                    act -> output.note(
                            "%n%s. %s%n".formatted(act.title(), act.sentence()).stripTrailing()));
            stream.stop();
            stream.settle(observer, this::dropped);
            output.note("");
            output.note(story.accuracy().table().toString());
            running.forEach(pipeline -> story.accuracy()
                    .chart(pipeline.name(), DECISIONS_A_POINT)
                    .ifPresent(chart -> output.note(System.lineSeparator() + chart)));
            Path page = new StoryReport(start, story.accuracy(), DECISIONS_A_POINT).write(settings.report(), acts);
            output.note("%nThe story with pictures: %s".formatted(page.toAbsolutePath()));
            return report(observer, acts, story.models(chronicle), story.damagedShare(chronicle));
        }

        private void happened(RolloutEvent event) {
            output.note(String.format(
                    Locale.ROOT,
                    "  %5.1f s  %s %d: %s%s, %s",
                    seconds(start, event.getHappenedAt()),
                    event.getModel(),
                    event.getVersion(),
                    event.getStage().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    event.getShare() > 0 && event.getShare() < 1
                            ? String.format(Locale.ROOT, " %.0f %%", 100 * event.getShare())
                            : "",
                    Story.firstReason(event.getBecause())));
        }

        private DemoReport report(
                Observer observer, List<Act> acts, List<ModelStory> models, @Nullable Double badShare) {
            List<PipelineReport> pipelines = running.stream()
                    .map(pipeline -> PipelineReport.of(pipeline, dropped(pipeline)))
                    .toList();
            OptionalLong peak = PeakMemory.mebibytes();
            return new DemoReport(
                    settings.seed(),
                    observer.firstPrediction()
                            .map(first -> seconds(start, first))
                            .orElse(Double.NaN),
                    seconds(start, Instant.now()),
                    peak.isPresent() ? peak.getAsLong() : null,
                    pipelines.stream().allMatch(PipelineReport::balanced),
                    pipelines,
                    acts,
                    models,
                    badShare);
        }

        private long dropped(DemoPipeline pipeline) {
            return platform.ingest()
                    .orElseThrow()
                    .counters()
                    .of(pipeline.name())
                    .duplicates();
        }

        private BundleFetcher bundles() {
            return new BundleFetcher(
                    () -> new KafkaConsumer<>(
                            Map.of("bootstrap.servers", platform.address().brokers()),
                            new StringDeserializer(),
                            AvroDeserializer.of(registry, ModelArtifactChunk.class)),
                    location -> location.toURL().openStream(),
                    BundleFetcher.Trust.inAnybody(), // To look at, not to serve.
                    new BundleFetcher.Settings(
                            directory.resolve("published"),
                            new BundleLimits(LARGEST_BUNDLE, MOST_FILES),
                            Duration.ofSeconds(30),
                            Duration.ofDays(1)));
        }

        private Producer<String, SpecificRecord> avroProducer() {
            return new KafkaProducer<>(
                    Map.of("bootstrap.servers", platform.address().brokers(), "linger.ms", "5"),
                    new StringSerializer(),
                    new AvroSerializer<>(registry));
        }

        private Producer<String, byte[]> producer() {
            return new KafkaProducer<>(
                    Map.of("bootstrap.servers", platform.address().brokers(), "linger.ms", "0"),
                    new StringSerializer(),
                    new ByteArraySerializer());
        }

        private KafkaConsumer<byte[], byte[]> consumer() {
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

    private List<DemoPipeline> pipelines(Pipelines described, PaymentDays days) {
        Instant from = Instant.now().minusSeconds(60);
        List<DemoPipeline> pipelines = new ArrayList<>();
        for (EventSource source : EventSources.of(
                RunNumber.only(),
                days,
                described.named(FRAUD).orElseThrow().rolling().values())) {
            Modality modality = described.named(source.pipeline()).orElseThrow().modality();
            int count = count(source.pipeline());
            boolean isAccount = settings.length() instanceof Length.Account;
            pipelines.add(new DemoPipeline(
                    source.pipeline(),
                    modality,
                    source,
                    source instanceof Paying ? Optional.of(FRAUD) : Optional.empty(),
                    source.all(count, isAccount ? count : OPENING, from, settings.seed()),
                    source.distinct(count),
                    perSecond(source.pipeline()),
                    new Ledger()));
        }
        return List.copyOf(pipelines);
    }

    /** That the story may send. */
    static int mostPayments() {
        return (int) (PACES.getOrDefault(FRAUD, 1.0) * LONGEST.toSeconds());
    }

    /** Good events that can be sent. */
    private int count(String pipeline) {
        return settings.length() instanceof Length.Account account
                ? account.events()
                : (int) (perSecond(pipeline) * LONGEST.toSeconds());
    }

    private double perSecond(String pipeline) {
        return settings.length() instanceof Length.Account account
                ? account.perSecond()
                : PACES.getOrDefault(pipeline, 1.0);
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

    private static double seconds(Instant from, Instant to) {
        return Math.round(Duration.between(from, to).toMillis() / 100.0) / 10.0;
    }
}
