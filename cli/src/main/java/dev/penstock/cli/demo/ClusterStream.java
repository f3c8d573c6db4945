package dev.penstock.cli.demo;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.demo.bundles.ModelPublishing;
import dev.penstock.cli.demo.events.EventSource;
import dev.penstock.cli.demo.events.Paying;
import dev.penstock.cli.demo.events.PaymentDays;
import dev.penstock.cli.demo.events.RunNumber;
import dev.penstock.cli.demo.story.ReviewRoom;
import dev.penstock.cli.demo.story.Reviewer;
import dev.penstock.cli.demo.story.Truth;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.Output;
import dev.penstock.data.Transaction;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.models.trust.SigningKey;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Rolling;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.Producer;
import picocli.CommandLine.Help;

/** Sends the demo's events to a platform that runs in other processes, and accounts for each by what its topics say. */
final class ClusterStream {
    /** It is started together with the platform, and nobody starts it again. */
    private static final Duration BROKER_PATIENCE = Duration.ofMinutes(5);

    private static final Duration FIRST_ANSWER = Duration.ofMinutes(5);
    private static final Duration DELIVERY_PATIENCE = Duration.ofSeconds(30);
    private static final int LOOK_MILLIS = 50;
    private static final String FRAUD = "fraud";

    private final Connection connection;
    private final Pipelines pipelines;
    private final SigningKey key;
    private final Settings settings;
    private final Output output;
    private final Instant start = Instant.now();

    /** @param events good ones to each pipeline */
    record Settings(int events, double perSecond, long seed) {}

    /** @param key that the platform trusts */
    ClusterStream(Connection connection, Pipelines pipelines, SigningKey key, Settings settings, Output output) {
        this.connection = connection;
        this.pipelines = pipelines;
        this.key = key;
        this.settings = settings;
        this.output = output;
    }

    /** What a first model of payments is made of. */
    private record Past(PaymentDays days, Collection<Rolling> rolling) {}

    DemoReport run() throws Exception {
        // Ids of a second come once: another run's events are other events.
        Collection<Rolling> rolling =
                pipelines.named(FRAUD).map(Pipeline::rolling).orElse(Map.of()).values();
        PaymentDays days = new PaymentDays(settings.seed(), settings.events(), start);
        List<EventSource> sources = EventSources.of(new RunNumber(start.getEpochSecond() / 10), days, rolling);
        requirePipelines(sources);
        connection.awaitBrokers(BROKER_PATIENCE, output::note);
        connection.requireTopics("stream", Topic.MODEL_VERSIONS, Topic.PREDICTIONS, Topic.DEAD_LETTERS, Topic.FEEDBACK);
        List<DemoPipeline> running = sources.stream().map(this::running).toList();
        Reviewer reviewer = new Reviewer(
                Truth.of(running.stream().collect(Collectors.toMap(DemoPipeline::name, DemoPipeline::events))),
                Story.reviewing(),
                settings.seed());
        Observer observer = new Observer(
                running.stream()
                        .collect(Collectors.toMap(pipeline -> pipeline.source().topic(), DemoPipeline::ledger)),
                (prediction, written) -> reviewer.predicted(prediction, Instant.now()));
        SchemaRegistry registry = connection.registry();
        AvroDeserializer<Prediction> predictions = AvroDeserializer.of(registry, Prediction.class);
        try (OutcomeReader reader = OutcomeReader.open(connection.bytesConsumer(), predictions, observer);
                PenstockProducer reviews = connection.requestProducer(DELIVERY_PATIENCE);
                ReviewRoom room = ReviewRoom.open(reviewer, reviews, Clock.systemUTC());
                Producer<String, byte[]> producer = connection.eventProducer();
                EventStream stream = new EventStream(running, producer, registry)) {
            stream(stream, observer, room, running, new Past(days, rolling));
            // How many repetitions ingest dropped is for its metrics to say; here they are those that have no outcome.
            stream.settle(observer, ClusterStream::dropped);
            DemoReport report = report(observer, running);
            output.result(report, report.table());
            if (report.balanced()) {
                output.note("Every event has exactly one outcome, and repetitions have none.");
            }
            return report;
        }
    }

    private static long dropped(DemoPipeline pipeline) {
        return pipeline.ledger().repetitionsWithoutOutcome();
    }

    private void requirePipelines(List<EventSource> sources) {
        List<String> missing = sources.stream()
                .filter(source -> pipelines
                        .named(source.pipeline())
                        .flatMap(pipeline -> pipeline.source())
                        .filter(described -> described.topic().equals(source.topic()))
                        .isEmpty())
                .map(source -> "%s of topic %s".formatted(source.pipeline(), source.topic()))
                .toList();
        if (!missing.isEmpty()) {
            throw CommandException.misused(
                    "Cannot stream the demo's data: the pipelines file lacks %s".formatted(missing),
                    "Use the pipelines of 'penstock demo', as deploy/config/pipelines.yaml has them.");
        }
    }

    private DemoPipeline running(EventSource source) {
        Modality modality = pipelines.named(source.pipeline()).orElseThrow().modality();
        return new DemoPipeline(
                source.pipeline(),
                modality,
                source,
                source instanceof Paying ? Optional.of(FRAUD) : Optional.empty(),
                source.all(settings.events(), settings.events(), start.minusSeconds(60), settings.seed()),
                source.distinct(settings.events()),
                settings.perSecond(),
                new Ledger());
    }

    /**
     * Lets each pipeline flow as soon as its model has answered a first event, while later models are still trained.
     * Returns when all was sent.
     */
    private void stream(EventStream stream, Observer observer, ReviewRoom room, List<DemoPipeline> running, Past past)
            throws Exception {
        LiveProgress progress = new LiveProgress(output.notes(), !output.isJson() && Help.Ansi.AUTO.enabled());
        Map<String, Instant> published = new ConcurrentHashMap<>();
        Set<String> flowing = new HashSet<>();
        ExecutorService school = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work, "first-versions");
            made.setDaemon(true);
            return made;
        });
        try {
            Future<?> training = school.submit(() -> {
                publishFirstVersions(past, model -> {
                    published.put(model, Instant.now());
                    stream.sendFirst(model);
                });
                return null;
            });
            while (flowing.size() < running.size() || !stream.isDone()) {
                observer.check();
                room.check();
                requireSuccess(training);
                for (DemoPipeline pipeline : running) {
                    if (!flowing.contains(pipeline.name()) && hasAnswered(pipeline, published)) {
                        output.note(
                                "%s: first answer %.1f s after the start, events begin to flow, some broken on purpose"
                                        .formatted(pipeline.name(), secondsSince(start)));
                        flowing.add(pipeline.name());
                        stream.start(pipeline);
                    }
                }
                if (!flowing.isEmpty()) {
                    progress.show(running);
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
        } finally {
            school.shutdownNow();
        }
        stream.awaitSent();
        progress.draw(running);
    }

    private static boolean hasAnswered(DemoPipeline pipeline, Map<String, Instant> published) {
        if (pipeline.ledger().hasPrediction()) {
            return true;
        }
        Instant since = published.get(pipeline.name());
        if (since != null && Instant.now().isAfter(since.plus(FIRST_ANSWER))) {
            throw CommandException.failed(
                    "Cannot go on: no first prediction of %s within %s".formatted(pipeline.name(), FIRST_ANSWER),
                    "'penstock doctor' tells whether ingest and inference run, and whom they trust.",
                    null);
        }
        return false;
    }

    private static void requireSuccess(Future<?> training) throws Exception {
        if (!training.isDone()) {
            return;
        }
        try {
            training.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failed ? failed : e;
        }
    }

    /**
     * Of models that have none, the quickest to train first.
     *
     * @param ready told of each model that has a version
     */
    private void publishFirstVersions(Past past, Consumer<String> ready) throws Exception {
        Set<String> published = new PublishedVersions(() -> connection.consumer(ModelVersion.class))
                .all().stream().map(ModelVersion::getModel).collect(Collectors.toSet());
        Path directory = Files.createTempDirectory("penstock-stream-");
        try (ModelPublishing publishing = new ModelPublishing(connection.producer(), key)) {
            Bootstrap bootstrap = new Bootstrap(directory, past.days(), past.rolling(), settings.seed());
            List<Bootstrap.Lesson> lessons = bootstrap.lessons();
            lessons.stream()
                    .map(Bootstrap.Lesson::model)
                    .filter(published::contains)
                    .forEach(ready);
            for (Bootstrap.Lesson lesson : lessons) {
                if (!published.contains(lesson.model())) {
                    Bootstrap.Ready model = lesson.training().call();
                    publishing.publish(model.bundle());
                    output.note("%s: version 1 trained in %.1f s on %d examples, published %.1f s after the start"
                            .formatted(model.model(), model.seconds(), model.examples(), secondsSince(start)));
                    if (model.model().equals(FRAUD)) {
                        sendHistory(past.days().past());
                    }
                    ready.accept(model.model());
                }
            }
        } finally {
            Deletion.of(directory);
        }
    }

    private static double secondsSince(Instant start) {
        return Duration.between(start, Instant.now()).toMillis() / 1000.0;
    }

    private void sendHistory(List<Transaction> payments) {
        try (PastPayments past = new PastPayments(connection.producer())) {
            int reported = past.send(payments);
            output.note("fraud: %d payments before the stream begins, and %d reports of fraud among them"
                    .formatted(payments.size(), reported));
        }
    }

    private DemoReport report(Observer observer, List<DemoPipeline> running) {
        List<PipelineReport> reports = running.stream()
                .map(pipeline -> PipelineReport.of(pipeline, dropped(pipeline)))
                .toList();
        return new DemoReport(
                settings.seed(),
                observer.firstPrediction()
                        .map(first -> Duration.between(start, first).toMillis() / 1000.0)
                        .orElse(Double.NaN),
                secondsSince(start),
                null,
                reports.stream().allMatch(PipelineReport::balanced),
                reports,
                List.of(),
                List.of(),
                null);
    }
}
