package dev.penstock.cli.models;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.WholeTopic;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.cli.rollouts.Words;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.topics.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock models history}. */
@Command(
        name = "history",
        description = {
            "Tells everything that ever happened to a model, in order: what was published and what was refused, how"
                    + " trainings ended, who served how much of the traffic, who decided it and why.",
            "Of a training only the last report is told, of alerts only those about versions that jobs refused or that"
                    + " were rolled back, unless --verbose asks for all. Alerts are kept for 30 days."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  penstock models history spam",
            "  penstock models history spam --verbose --output json | jq -r '.[] | [.at, .version, .what] | @tsv'"
        })
final class HistoryCommand implements Callable<Integer> {
    private static final Set<AlertCode> ABOUT_VERSIONS =
            EnumSet.of(AlertCode.VERSION_REFUSED, AlertCode.VERSION_ROLLED_BACK, AlertCode.TRAINING_FAILED);

    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "NAME", description = "The model.")
    private String name = "";

    @Option(names = "--verbose", description = "Tell every report of every training, and every alert.")
    private boolean verbose;

    @Override
    public Integer call() throws InterruptedException {
        connection.requireTopics(
                "tell what happened", Topic.MODEL_VERSIONS, Topic.TRAINING_RUNS, Topic.ROLLOUT_HISTORY, Topic.ALERTS);
        List<Happening> happenings = happenings();
        Table table = Table.withColumns("WHEN", "VERSION", "WHAT", "SHARE", "BY", "BECAUSE");
        for (Happening happening : happenings) {
            table.row(
                    Words.time(happening.at()),
                    happening.version().map(String::valueOf).orElse("-"),
                    happening.what(),
                    happening.share().isPresent()
                            ? Words.share(happening.share().getAsDouble())
                            : "-",
                    happening.who(),
                    happening.because());
        }
        output.result(happenings.stream().map(Happening::json).toList(), table);
        return ExitCode.DONE;
    }

    private List<Happening> happenings() {
        List<ModelVersion> published = new PublishedVersions(() -> connection.consumer(ModelVersion.class)).all();
        List<Happening> found = new ArrayList<>();
        published.stream()
                .filter(version -> version.getModel().equals(name))
                .map(Happening::of)
                .forEach(found::add);
        told(read(Topic.TRAINING_RUNS, TrainingRun.class)).stream()
                .map(Happening::of)
                .forEach(found::add);
        read(Topic.ROLLOUT_HISTORY, RolloutEvent.class).stream()
                .map(Happening::of)
                .forEach(found::add);
        read(Topic.ALERTS, Alert.class).stream()
                .filter(alert -> verbose || ABOUT_VERSIONS.contains(alert.getCode()))
                .map(Happening::of)
                .forEach(found::add);
        if (found.isEmpty()) {
            throw CommandException.misused(
                    "Cannot tell the history of model '%s': nothing ever happened to it".formatted(name),
                    published.isEmpty()
                            ? "Nothing is published yet: penstock models import DIR --card card.yaml"
                            : "The models are %s."
                                    .formatted(published.stream()
                                            .map(ModelVersion::getModel)
                                            .distinct()
                                            .collect(Collectors.joining(", "))));
        }
        found.sort(Comparator.comparing(Happening::at));
        return withoutRepetitions(found);
    }

    private <T extends SpecificRecord> List<T> read(Topic topic, Class<T> type) {
        return new WholeTopic<>(connection, topic, type).read(name::equals);
    }

    /** The last report of each run, or all. */
    private Collection<TrainingRun> told(List<TrainingRun> reports) {
        if (verbose) {
            return reports;
        }
        Map<String, TrainingRun> lastOfRun = new LinkedHashMap<>();
        reports.forEach(report -> lastOfRun.merge(
                report.getRunId(),
                report,
                (one, other) -> other.getReportedAt().isBefore(one.getReportedAt()) ? one : other));
        return lastOfRun.values();
    }

    private static List<Happening> withoutRepetitions(List<Happening> inOrder) {
        List<Happening> kept = new ArrayList<>();
        for (Happening happening : inOrder) {
            if (kept.isEmpty() || !happening.repeats(kept.get(kept.size() - 1))) {
                kept.add(happening);
            }
        }
        return kept;
    }
}
