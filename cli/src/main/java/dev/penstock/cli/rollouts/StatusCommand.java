package dev.penstock.cli.rollouts;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.connection.WholeTopic;
import dev.penstock.cli.output.CommandException;
import dev.penstock.cli.output.ExitCode;
import dev.penstock.cli.output.Output;
import dev.penstock.cli.output.Table;
import dev.penstock.models.transit.PublishedVersions;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.topics.Topic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock rollout status}. */
@Command(
        name = "status",
        description = {
            "Shows who serves, who is on trial and why, of every model; of one model also where each version stands.",
            "The share is of the entities that the version on trial answers for."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  penstock rollout status", "  penstock rollout status spam --checks --output json"})
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private final Connection connection = new Connection();

    @Mixin
    private final Output output = new Output();

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "Show this model only.")
    private @Nullable String model;

    @Option(
            names = "--checks",
            description = "Show the newest evaluation of each version too: every check with what it saw.")
    private boolean checks;

    @Override
    public Integer call() throws InterruptedException {
        connection.requireTopics(
                "read who serves", Topic.MODEL_VERSIONS, Topic.ROLLOUTS, Topic.ROLLOUT_HISTORY, Topic.EVALUATIONS);
        List<Standing> standings = standings();
        List<Evaluation> newest = checks ? newestEvaluations() : List.of();
        output.result(standings.stream().map(standing -> json(standing, newest)).toList(), summary(standings));
        if (!output.isJson()) {
            if (model != null) {
                also(versions(standings));
            }
            if (checks) {
                also(Checks.table(newest));
            }
        }
        if (standings.isEmpty()) {
            output.note("Nothing is published yet: penstock models import DIR --card card.yaml");
        }
        return ExitCode.DONE;
    }

    private void also(Table table) {
        output.out().println();
        output.out().println(table);
    }

    private boolean isWanted(String name) {
        return model == null || model.equals(name);
    }

    private List<Standing> standings() {
        Map<String, List<ModelVersion>> published = new PublishedVersions(() -> connection.consumer(ModelVersion.class))
                .all().stream()
                        .collect(Collectors.groupingBy(ModelVersion::getModel, TreeMap::new, Collectors.toList()));
        Map<String, Standing> byModel = new TreeMap<>();
        published.forEach((name, versions) -> {
            if (isWanted(name)) {
                byModel.put(name, Standing.unwatched(name, versions));
            }
        });
        // Of one model the newest counts: the topic may not have been compacted yet, and a job may have written late.
        new WholeTopic<>(connection, Topic.ROLLOUTS, RolloutState.class)
                .read(this::isWanted).stream()
                        .collect(Collectors.toMap(RolloutState::getModel, state -> state, Standing::newer))
                        .forEach((name, state) -> byModel.put(name, Standing.of(state)));
        if (model != null && byModel.isEmpty()) {
            throw CommandException.misused(
                    "Cannot show the rollout of model '%s': no version of it is published".formatted(model),
                    published.isEmpty()
                            ? "Nothing is published yet: penstock models import DIR --card card.yaml"
                            : "The models are %s.".formatted(String.join(", ", published.keySet())));
        }
        return List.copyOf(byModel.values());
    }

    private List<Evaluation> newestEvaluations() {
        Map<String, Evaluation> newest = new TreeMap<>();
        new WholeTopic<>(connection, Topic.EVALUATIONS, Evaluation.class)
                .read(key -> isWanted(key.split("/", 2)[0]))
                .forEach(evaluation -> newest.merge(
                        "%s/%09d".formatted(evaluation.getModel(), evaluation.getVersion()),
                        evaluation,
                        (one, other) -> other.getEvaluatedAt().isBefore(one.getEvaluatedAt()) ? one : other));
        return List.copyOf(newest.values());
    }

    private Map<String, Object> json(Standing standing, List<Evaluation> newest) {
        Map<String, Object> json = standing.json();
        if (checks) {
            json.put(
                    "evaluations",
                    newest.stream()
                            .filter(evaluation -> evaluation.getModel().equals(standing.model()))
                            .map(Checks::json)
                            .toList());
        }
        return json;
    }

    private static Table summary(List<Standing> standings) {
        Table table =
                Table.withColumns("MODEL", "CHAMPION", "CANDIDATE", "STAGE", "SHARE", "PAUSED", "SINCE", "BECAUSE");
        for (Standing standing : standings) {
            table.row(
                    standing.model(),
                    standing.champion().map(String::valueOf).orElse("-"),
                    standing.candidate().map(String::valueOf).orElse("-"),
                    standing.stage(),
                    standing.candidate().isPresent() ? Words.share(standing.share()) : "-",
                    standing.paused() ? "yes" : "no",
                    standing.since().orElse("-"),
                    standing.because());
        }
        return table;
    }

    private static Table versions(List<Standing> standings) {
        Table table = Table.withColumns("VERSION", "STAGE", "SINCE", "BECAUSE");
        for (Standing standing : standings) {
            for (VersionStanding version : standing.versions()) {
                table.row(
                        version.getVersion(),
                        Words.of(version.getStage()),
                        Words.time(version.getSince()),
                        version.getBecause());
            }
        }
        return table;
    }
}
