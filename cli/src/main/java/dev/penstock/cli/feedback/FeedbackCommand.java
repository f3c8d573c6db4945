package dev.penstock.cli.feedback;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.models.card.ModelCardReader;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.topics.Topic;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock feedback}. */
@Command(
        name = "feedback",
        description = {
            "Says what requests really were. Features that look back count it, and models learn from it.",
            "Where two sources disagree about a request the higher one is believed: system, human, outcome, appeal; of one"
                    + " source the latest word counts."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock feedback fraud fraud tx-17 tx-23 --source outcome --by chargebacks",
            "  penstock feedback spam ham 3f0c2d9e"
        })
public final class FeedbackCommand implements Callable<Integer> {
    private static final int LONGEST_ID = 256;

    /** Who can know. */
    enum Source {
        SYSTEM(FeedbackSource.SYSTEM),
        HUMAN(FeedbackSource.HUMAN),
        OUTCOME(FeedbackSource.OUTCOME),
        APPEAL(FeedbackSource.APPEAL);

        private final FeedbackSource written;

        Source(FeedbackSource written) {
            this.written = written;
        }
    }

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "PIPELINE", description = "Its name in the pipelines file.")
    private String pipelineName = "";

    @Parameters(index = "1", paramLabel = "LABEL", description = "What they were: a label of the pipeline's model.")
    private String label = "";

    @Parameters(index = "2..*", arity = "1..*", paramLabel = "REQUEST", description = "Ids of requests.")
    private final List<String> requests = new ArrayList<>();

    @Option(
            names = "--source",
            paramLabel = "SOURCE",
            defaultValue = "human",
            description = "Who says so: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Source source = Source.HUMAN;

    @Option(
            names = "--by",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "The person, team or system (default: ${DEFAULT-VALUE}).")
    private String saidBy = "";

    @Option(
            names = "--certainty",
            paramLabel = "SHARE",
            defaultValue = "1",
            description = "How sure the source is, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double certainty = 1;

    private final Clock clock = Clock.systemUTC();

    @Override
    public Integer call() throws InterruptedException {
        Pipeline pipeline = pipelinesFile.require(connection, "say anything about", pipelineName);
        requireSense();
        connection.requireTopics("send feedback", Topic.FEEDBACK, Topic.MODEL_VERSIONS);
        requireLabel(pipeline);
        Instant now = clock.instant();
        send(requests.stream().map(request -> feedback(request, now)).toList());
        output.line(
                Map.of("pipeline", pipelineName, "label", label, "requests", requests),
                "Said of %d request%s: %s".formatted(requests.size(), requests.size() == 1 ? "" : "s", label));
        return ExitCode.DONE;
    }

    private void requireSense() {
        if (!(certainty >= 0 && certainty <= 1)) {
            throw CommandException.misused(
                    "Cannot be sure by %s".formatted(certainty), "Give --certainty a number from 0 to 1.");
        }
        for (String request : requests) {
            if (request.isEmpty() || request.length() > LONGEST_ID) {
                throw CommandException.misused(
                        "Cannot say anything about a request whose id has %d characters".formatted(request.length()),
                        "Ids have 1 to %d.".formatted(LONGEST_ID));
            }
        }
    }

    /** A mistyped label would be counted by nobody, and nobody would hear of it. */
    private void requireLabel(Pipeline pipeline) {
        Optional<ModelVersion> newest =
                new PublishedVersions(() -> connection.consumer(ModelVersion.class)).newest(pipeline.model());
        if (newest.isEmpty()) {
            output.note("Model '%s' has no version yet, so nobody knows its labels; sending '%s' as it is."
                    .formatted(pipeline.model(), label));
            return;
        }
        List<String> labels = ModelCardReader.read(newest.get().getCard()).labels();
        if (!labels.contains(label)) {
            throw CommandException.misused(
                    "Cannot say that a request of pipeline '%s' was '%s': its model has no such label"
                            .formatted(pipelineName, label),
                    "The labels are %s.".formatted(String.join(", ", labels)));
        }
    }

    private Feedback feedback(String request, Instant now) {
        return Feedback.newBuilder()
                .setRequestId(request)
                .setPipeline(pipelineName)
                .setLabel(label)
                .setSource(source.written)
                .setSaidBy(saidBy)
                .setSaidAt(now)
                .setCertainty(certainty)
                .build();
    }

    private void send(List<Feedback> feedback) throws InterruptedException {
        try (Producer<String, SpecificRecord> producer = connection.producer()) {
            List<Future<RecordMetadata>> sent = feedback.stream()
                    .map(each -> producer.send(new ProducerRecord<>(
                            Topic.FEEDBACK.topicName(), each.getRequestId(), (SpecificRecord) each)))
                    .toList();
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot send feedback as %s: %s"
                            .formatted(
                                    source.name().toLowerCase(Locale.ROOT),
                                    e.getCause().getMessage()),
                    "What was sent before may have arrived; sending it again changes nothing.",
                    e);
        }
    }
}
