package dev.penstock.cli.rollouts;

import dev.penstock.cli.arguments.DurationText;
import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.WholeTopic;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.topics.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the commands have in common that want something of a model: to whom, by whom, why, and the wait for an answer. */
final class Order {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "MODEL", description = "Name of the model; 'penstock models list' lists them.")
    private String model = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            required = true,
            description = "Why: it is kept with what comes of the command.")
    private String reason = "";

    @Option(
            names = "--by",
            paramLabel = "NAME",
            defaultValue = "${sys:user.name}",
            description = "Who says so (default: ${DEFAULT-VALUE}).")
    private String by = "";

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "10s",
            converter = DurationText.class,
            description = "How long to wait for what comes of it, such as 1m (default: ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(10);

    @Option(names = "--no-wait", description = "Do not wait for what comes of it.")
    private boolean noWait;

    private final Clock clock = Clock.systemUTC();

    /**
     * Writes the command and prints what came of it.
     *
     * @param version that is meant; empty for the one on trial
     * @return the exit code
     * @throws CommandException if it makes no sense, or nobody answers in time
     */
    int give(RolloutAction action, Optional<Integer> version) throws InterruptedException {
        String what = describe(action);
        requireText("--reason", reason, what);
        requireText("--by", by, what);
        connection.requireTopics(
                what,
                Topic.MODEL_VERSIONS,
                Topic.ROLLOUTS,
                Topic.ROLLOUT_COMMANDS,
                Topic.ROLLOUT_HISTORY,
                Topic.TRAINING_RUNS);
        requireSense(action, version, what);
        RolloutCommand command = RolloutCommand.newBuilder()
                .setCommandId(UUID.randomUUID().toString())
                .setModel(model)
                .setAction(action)
                .setVersion(version.or(() -> meant(action)).orElse(null))
                .setActor(by)
                .setReason(reason)
                .setGivenAt(clock.instant())
                .build();
        if (noWait) {
            send(command, what);
            output.line(
                    json(command),
                    "Command %s is written: %s of model '%s'".formatted(command.getCommandId(), word(action), model));
            return ExitCode.DONE;
        }
        try (Answers answers = Answers.to(command, connection)) {
            send(command, what);
            List<Answer> came = answers.await(patience);
            if (came.isEmpty()) {
                throw unanswered(action, what);
            }
            Map<String, Object> json = json(command);
            json.put("answers", came.stream().map(Answer::json).toList());
            output.line(json, came.stream().map(Answer::text).collect(Collectors.joining(System.lineSeparator())));
            return came.stream().anyMatch(Answer::declined) ? ExitCode.CHECK_FAILED : ExitCode.DONE;
        }
    }

    private void requireText(String option, String text, String what) {
        if (text.isBlank()) {
            throw CommandException.misused(
                    "Cannot %s of model '%s': %s is empty".formatted(what, model, option),
                    "Whoever reads its history will want to know.");
        }
    }

    private void requireSense(RolloutAction action, Optional<Integer> version, String what) {
        List<ModelVersion> published = new PublishedVersions(() -> connection.consumer(ModelVersion.class)).all();
        List<ModelVersion> ofModel =
                published.stream().filter(each -> each.getModel().equals(model)).toList();
        if (ofModel.isEmpty()) {
            throw CommandException.misused(
                    "Cannot %s of model '%s': no version of it is published".formatted(what, model),
                    published.isEmpty()
                            ? "Nothing is published yet: penstock models import DIR --card card.yaml"
                            : "The models are %s."
                                    .formatted(published.stream()
                                            .map(ModelVersion::getModel)
                                            .distinct()
                                            .collect(Collectors.joining(", "))));
        }
        if (version.isPresent()) {
            ModelVersion meant = find(ofModel, version.get(), what);
            if (action == RolloutAction.PROMOTE && !meant.getRefusedBecause().isEmpty()) {
                throw CommandException.misused(
                        "Cannot promote version %d of model '%s': its training refused it: %s"
                                .formatted(version.get(), model, String.join("; ", meant.getRefusedBecause())),
                        "What it refuses never serves; train another with 'penstock rollout train %s'."
                                .formatted(model));
            }
        } else if (action == RolloutAction.PROMOTE && !isAnyOnTrial()) {
            throw CommandException.misused(
                    "Cannot promote a version of model '%s': none is on trial".formatted(model),
                    "Name it with --version; published are %s.".formatted(numbers(ofModel)));
        }
    }

    private ModelVersion find(List<ModelVersion> ofModel, int version, String what) {
        return ofModel.stream()
                .filter(each -> each.getVersion() == version)
                .findFirst()
                .orElseThrow(() -> CommandException.misused(
                        "Cannot %s of model '%s': it has no version %d".formatted(what, model, version),
                        "Its versions are %s.".formatted(numbers(ofModel))));
    }

    private boolean isAnyOnTrial() {
        return standing().flatMap(Standing::candidate).isPresent();
    }

    /** Which version it is about now: a command that is obeyed twice must not be about another the second time. */
    private Optional<Integer> meant(RolloutAction action) {
        return switch (action) {
            case PROMOTE -> standing().flatMap(Standing::candidate);
            case ROLL_BACK ->
                standing().flatMap(standing -> standing.candidate().or(standing::champion));
            case PAUSE, RESUME, TRAIN, CANCEL_TRAINING, UNKNOWN -> Optional.empty();
        };
    }

    private Optional<Standing> standing() {
        List<RolloutState> states =
                new WholeTopic<>(connection, Topic.ROLLOUTS, RolloutState.class).read(model::equals);
        return states.stream().reduce(Standing::newer).map(Standing::of);
    }

    private static String numbers(List<ModelVersion> versions) {
        return versions.stream()
                .map(version -> Integer.toString(version.getVersion()))
                .collect(Collectors.joining(", "));
    }

    private void send(RolloutCommand command, String what) throws InterruptedException {
        try (Producer<String, SpecificRecord> producer = connection.producer()) {
            producer.send(new ProducerRecord<>(Topic.ROLLOUT_COMMANDS.topicName(), model, command))
                    .get();
        } catch (ExecutionException e) {
            throw CommandException.failed(
                    "Cannot %s of model '%s': %s"
                            .formatted(what, model, e.getCause().getMessage()),
                    "Nothing was commanded; try again.",
                    e);
        }
    }

    private CommandException unanswered(RolloutAction action, String what) {
        String job = isTraining(action) ? "retrain" : "rollout";
        return CommandException.failed(
                "Cannot say what became of the command to %s of model '%s': no %s job answered within %s"
                        .formatted(what, model, job, DurationText.of(patience)),
                "It is written, and obeyed as soon as a %s job runs. 'penstock doctor' looks for one; 'penstock models history %s' shows what came of it."
                        .formatted(job, model),
                null);
    }

    static boolean isTraining(RolloutAction action) {
        return action == RolloutAction.TRAIN || action == RolloutAction.CANCEL_TRAINING;
    }

    /** As in "Cannot ... of model". */
    private static String describe(RolloutAction action) {
        return switch (action) {
            case PROMOTE -> "promote a version";
            case ROLL_BACK -> "roll back a version";
            case PAUSE -> "pause promotions";
            case RESUME -> "resume promotions";
            case TRAIN -> "train a version";
            case CANCEL_TRAINING -> "cancel the training";
            case UNKNOWN -> throw new IllegalArgumentException("Cannot command what is not known: " + action);
        };
    }

    private static String word(RolloutAction action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, Object> json(RolloutCommand command) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("commandId", command.getCommandId());
        json.put("model", command.getModel());
        json.put("action", word(command.getAction()));
        json.put("version", command.getVersion());
        json.put("actor", command.getActor());
        json.put("reason", command.getReason());
        json.put("givenAt", command.getGivenAt().toString());
        return json;
    }
}
