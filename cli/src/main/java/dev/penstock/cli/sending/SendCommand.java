package dev.penstock.cli.sending;

import dev.penstock.cli.arguments.DurationText;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.PipelinesFile;
import dev.penstock.cli.outcomes.OutcomeReader;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.cli.sending.Outcome.Kind;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.Sent;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.pipelines.Payload;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.RequestField;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock send}. */
@Command(
        name = "send",
        description = {
            "Sends files to a pipeline as requests, and prints what becomes of each.",
            "An image, a clip or a text is one request. For records, a CSV file with a header line or a file of JSON objects"
                    + " is one request a line: columns named id, entity and time are what they say, all others are"
                    + " features. A JSON object may also be {\"id\": ..., \"entity\": ..., \"time\": ..., \"features\": {...}},"
                    + " with a list of numbers instead for a model that takes a vector."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock send digits scan-*.png",
            "  penstock send fraud payments.csv --entity customer-7 --attribute country=CH",
            "  echo 'You have won!' | penstock send spam -",
            "",
            "Exit code 3 says that a request became a dead letter or had no outcome in time."
        })
public final class SendCommand implements Callable<Integer> {
    private static final Duration DELIVERY_PATIENCE = Duration.ofSeconds(15);

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final PipelinesFile pipelinesFile = new PipelinesFile();

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "PIPELINE", description = "Its name in the pipelines file.")
    private String pipelineName = "";

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "FILE",
            description = "What to send; - for standard input.")
    private final List<String> files = new ArrayList<>();

    @Option(
            names = "--id",
            paramLabel = "ID",
            description = "Id of the request, if there is one only (default: the record's own, else a random UUID).")
    private @Nullable String id;

    @Option(
            names = "--entity",
            paramLabel = "ID",
            description = "Whom or what the requests are about (default: the record's own, else the request's id).")
    private @Nullable String entity;

    @Option(
            names = "--attribute",
            paramLabel = "NAME=VALUE",
            description = "A fact by which quality is sliced, never an input of the model; may be given several times.")
    private final Map<String, String> attributes = new HashMap<>();

    @Option(
            names = "--category",
            paramLabel = "NAME",
            description = "A feature that is a category even where its value looks like a number; may be given several"
                    + " times (default: those that the pipelines file names).")
    private final Set<String> categories = new HashSet<>();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "15s",
            converter = DurationText.class,
            description = "How long to wait for outcomes once all is sent, such as 1m (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(15);

    @Option(names = "--no-wait", description = "Do not wait for outcomes.")
    private boolean noWait;

    @Override
    public Integer call() throws InterruptedException {
        Pipeline pipeline = pipelinesFile.require(connection, "send to", pipelineName);
        List<NamedRequest> requests = requests(pipeline);
        connection.requireTopics("send", Topic.requestsOf(pipeline.modality()), Topic.PREDICTIONS, Topic.DEAD_LETTERS);
        List<Row> rows = noWait ? sendOnly(requests) : sendAndWait(requests);
        print(rows);
        if (rows.stream().anyMatch(row -> row.outcome().kind() == Kind.MISSING)) {
            output.note("Some have no outcome yet: 'penstock doctor' tells whether inference runs, is behind, or has no"
                    + " version of model '%s'.".formatted(pipeline.model()));
        }
        if (rows.stream().anyMatch(row -> row.outcome().kind() == Kind.NOT_SENT)) {
            return ExitCode.FAILED;
        }
        return rows.stream().allMatch(row -> row.outcome().kind().isGood()) ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    private List<NamedRequest> requests(Pipeline pipeline) {
        Set<String> known = new HashSet<>(categories);
        pipeline.source().ifPresent(source -> {
            if (source.payload() instanceof Payload.Features features) {
                known.addAll(features.categories().keySet());
            }
        });
        pipeline.rolling().values().stream()
                .flatMap(group -> group.fields().stream())
                .filter(field -> field.kind() == RequestField.Kind.CATEGORY)
                .forEach(field -> known.add(field.name()));
        RequestFiles reader = new RequestFiles(
                pipeline,
                new RequestFiles.Settings(Optional.ofNullable(id), Optional.ofNullable(entity), attributes, known));
        files.forEach(file -> reader.read(file, System.in));
        if (!reader.problems().isEmpty()) {
            throw CommandException.failed(
                    "Cannot send:%n  %s".formatted(String.join("%n  ".formatted(), reader.problems())),
                    "Nothing was sent. Correct or leave out what is named above.",
                    null);
        }
        if (id != null && reader.requests().size() > 1) {
            throw CommandException.misused(
                    "Cannot give %d requests the same id '%s'"
                            .formatted(reader.requests().size(), id),
                    "Leave out --id, or send one file.");
        }
        return reader.requests();
    }

    private List<Row> sendOnly(List<NamedRequest> requests) throws InterruptedException {
        try (PenstockProducer producer = connection.requestProducer(DELIVERY_PATIENCE)) {
            List<Row> rows = new ArrayList<>();
            for (Sending sending : send(producer, requests)) {
                rows.add(sending.failure()
                        .map(failure -> sending.row(Outcome.without(Kind.NOT_SENT, failure), OptionalLong.empty()))
                        .orElseGet(() -> sending.row(
                                Outcome.without(
                                        Kind.SENT,
                                        "at %s"
                                                .formatted(written(
                                                        sending.position().orElseThrow()))),
                                OptionalLong.empty())));
            }
            return rows;
        }
    }

    private List<Row> sendAndWait(List<NamedRequest> requests) throws InterruptedException {
        Outcomes outcomes = new Outcomes();
        AvroDeserializer<Prediction> predictions = AvroDeserializer.of(connection.registry(), Prediction.class);
        try (OutcomeReader reader = OutcomeReader.open(connection.bytesConsumer(), predictions, outcomes);
                PenstockProducer producer = connection.requestProducer(DELIVERY_PATIENCE)) {
            List<Sending> sendings = send(producer, requests);
            Set<Origin> positions = sendings.stream()
                    .flatMap(sending -> sending.position().stream())
                    .collect(Collectors.toSet());
            output.note("Sent: %d; waiting for what becomes of them.".formatted(positions.size()));
            Map<Origin, Outcomes.Arrival> arrivals = outcomes.await(positions, patience);
            return sendings.stream()
                    .map(sending -> row(sending, sending.position().map(arrivals::get)))
                    .toList();
        }
    }

    private Row row(Sending sending, Optional<Outcomes.Arrival> arrival) {
        if (sending.failure().isPresent()) {
            return sending.row(Outcome.without(Kind.NOT_SENT, sending.failure().get()), OptionalLong.empty());
        }
        return arrival.map(arrived -> sending.row(
                        arrived.outcome(), OptionalLong.of((arrived.nanoTime() - sending.startNanos()) / 1_000_000)))
                .orElseGet(() -> sending.row(
                        Outcome.without(Kind.MISSING, "none within %s".formatted(patience)), OptionalLong.empty()));
    }

    /**
     * A request on its way.
     *
     * @param startNanos when it was sent, by {@link System#nanoTime}
     * @param failure why the brokers may not have it
     */
    private record Sending(NamedRequest request, long startNanos, Optional<Origin> position, Optional<String> failure) {
        Row row(Outcome outcome, OptionalLong millis) {
            return new Row(request.source(), request.request().id(), outcome, millis);
        }
    }

    private static List<Sending> send(PenstockProducer producer, List<NamedRequest> requests)
            throws InterruptedException {
        List<Long> starts = new ArrayList<>();
        List<CompletableFuture<Sent>> sent = new ArrayList<>();
        for (NamedRequest request : requests) {
            starts.add(System.nanoTime());
            sent.add(send(producer, request));
        }
        List<Sending> sendings = new ArrayList<>();
        for (int index = 0; index < requests.size(); index++) {
            try {
                Origin position = sent.get(index).get().position();
                sendings.add(
                        new Sending(requests.get(index), starts.get(index), Optional.of(position), Optional.empty()));
            } catch (ExecutionException e) {
                sendings.add(new Sending(
                        requests.get(index),
                        starts.get(index),
                        Optional.empty(),
                        Optional.of(String.valueOf(e.getCause().getMessage()))));
            }
        }
        return sendings;
    }

    private static CompletableFuture<Sent> send(PenstockProducer producer, NamedRequest request) {
        try {
            return producer.send(request.request());
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private record Row(String source, String requestId, Outcome outcome, OptionalLong millis) {}

    private void print(List<Row> rows) {
        Table table =
                Table.withColumns("FILE", "REQUEST", "OUTCOME", "CONFIDENCE", "VERSION", "MILLISECONDS", "REASON");
        for (Row row : rows) {
            Outcome outcome = row.outcome();
            table.row(
                    row.source(),
                    row.requestId(),
                    outcome.shown(),
                    outcome.confidence().isPresent()
                            ? String.format(
                                    Locale.ROOT, "%.3f", outcome.confidence().getAsDouble())
                            : "",
                    outcome.modelVersion().isPresent() ? outcome.modelVersion().getAsInt() : "",
                    row.millis().isPresent() ? row.millis().getAsLong() : "",
                    outcome.reason());
        }
        output.result(rows.stream().map(SendCommand::json).toList(), table);
    }

    private static Map<String, @Nullable Object> json(Row row) {
        Outcome outcome = row.outcome();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("file", row.source());
        json.put("requestId", row.requestId());
        json.put("outcome", outcome.kind().name());
        json.put("label", outcome.label().orElse(null));
        json.put(
                "confidence",
                outcome.confidence().isPresent() ? outcome.confidence().getAsDouble() : null);
        json.put(
                "modelVersion",
                outcome.modelVersion().isPresent() ? outcome.modelVersion().getAsInt() : null);
        json.put("milliseconds", row.millis().isPresent() ? row.millis().getAsLong() : null);
        json.put("reason", outcome.reason().isEmpty() ? null : outcome.reason());
        return json;
    }

    private static String written(Origin position) {
        return "%s %d:%d".formatted(position.getTopic(), position.getPartition(), position.getOffset());
    }
}
