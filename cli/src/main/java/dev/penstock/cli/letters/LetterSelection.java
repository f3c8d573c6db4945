package dev.penstock.cli.letters;

import dev.penstock.cli.arguments.TimeText;
import dev.penstock.cli.watching.PartitionOffset;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which dead letters a command is about: all that keep every option that is given. */
final class LetterSelection {
    @Option(names = "--pipeline", paramLabel = "NAME", description = "Those of this pipeline.")
    private @Nullable String pipeline;

    @Option(
            names = "--reason",
            paramLabel = "CODE",
            split = ",",
            description = "Those with this code, such as MODEL_FAILED; may be given several times.")
    private final List<DeadLetterCode> codes = new ArrayList<>();

    @Option(names = "--topic", paramLabel = "TOPIC", description = "Those of records of this topic.")
    private @Nullable String topic;

    @Option(
            names = "--component",
            paramLabel = "NAME",
            description = "Those that this part gave up: ingest, inference, rollout or retrain.")
    private @Nullable String component;

    @Option(names = "--request", paramLabel = "ID", description = "Those of this request.")
    private @Nullable String request;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = TimeText.class,
            description = "Those that are not older: 2026-01-31T12:00:00Z, or 90m for so long ago.")
    private @Nullable Instant since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = TimeText.class,
            description = "Those that are older; written as --since.")
    private @Nullable Instant until;

    @Option(
            names = "--letter",
            paramLabel = "PARTITION:OFFSET",
            converter = PartitionOffset.Converter.class,
            description = "This one, as 'list' names it; may be given several times.")
    private final List<PartitionOffset> places = new ArrayList<>();

    /** Whether nothing was said, which means all. */
    boolean isEverything() {
        return pipeline == null
                && codes.isEmpty()
                && topic == null
                && component == null
                && request == null
                && since == null
                && until == null
                && places.isEmpty();
    }

    /** Nothing older is asked for; 0 for no limit. */
    long sinceMillis() {
        return since == null ? 0 : since.toEpochMilli();
    }

    boolean has(Letter letter) {
        return isOr(pipeline, letter.content().pipeline().orElse(null))
                && (codes.isEmpty() || codes.contains(letter.content().code()))
                && isOr(topic, letter.from().getTopic())
                && isOr(component, letter.content().component())
                && isOr(request, letter.content().requestId().orElse(null))
                && (since == null || !letter.time().isBefore(since))
                && (until == null || letter.time().isBefore(until))
                && (places.isEmpty() || places.contains(letter.place()));
    }

    private static boolean isOr(@Nullable String wanted, @Nullable String actual) {
        return wanted == null || wanted.equals(actual);
    }
}
