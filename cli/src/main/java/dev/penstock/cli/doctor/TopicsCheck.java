package dev.penstock.cli.doctor;

import dev.penstock.cli.connection.Connection;
import dev.penstock.cli.topics.Subjects;
import dev.penstock.cli.topics.TopicState;
import dev.penstock.cli.topics.TopicSurvey;
import dev.penstock.schemas.pipelines.Pipeline;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.pipelines.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/** The registry, and topics with their schemas as the platform expects them. */
final class TopicsCheck {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What registries call it. */
    private static final String TAKES_SCHEMAS = "READWRITE";

    private final Connection connection;
    private final Optional<Pipelines> pipelines;

    TopicsCheck(Connection connection, Optional<Pipelines> pipelines) {
        this.connection = connection;
        this.pipelines = pipelines;
    }

    List<Finding> registry() {
        Subjects subjects = new Subjects(connection.registry(PATIENCE));
        long start = System.nanoTime();
        int count = subjects.names().size();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        return List.of(registry(
                "%s answers after %s: %d subjects".formatted(subjects.url(), Amounts.time(took), count),
                subjects.mode(),
                subjects.compatibilityOfAll()));
    }

    /** What each topic's own subject is held to is looked at with the topics. */
    static Finding registry(String answer, Optional<String> mode, Optional<String> compatibility) {
        String what = "%s, mode %s, compatibility %s where a subject has none of its own"
                .formatted(answer, mode.orElse("not told"), compatibility.orElse("not told"));
        return mode.isEmpty() || mode.get().equals(TAKES_SCHEMAS)
                ? Finding.ok(what)
                : Finding.warning(
                        what,
                        "New schemas are refused: a new version of Penstock or of your events cannot register its own.");
    }

    List<Finding> topics(Admin admin) throws InterruptedException {
        List<TopicState> all = new TopicSurvey(admin, new Subjects(connection.registry(PATIENCE))).all();
        List<TopicState> catalogued =
                all.stream().filter(TopicState::catalogued).toList();
        List<Finding> findings = new ArrayList<>();
        List<String> missing = catalogued.stream()
                .filter(topic -> !topic.exists())
                .map(TopicState::name)
                .toList();
        if (!missing.isEmpty()) {
            findings.add(Finding.problem(
                    "%d of the platform's %d topics are missing: %s"
                            .formatted(missing.size(), catalogued.size(), String.join(", ", missing)),
                    "Create them: penstock topics --create"));
        }
        for (TopicState topic : catalogued) {
            if (topic.exists()) {
                topic.deviations().forEach(deviation -> findings.add(deviation(topic, deviation)));
            }
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok("all %d topics of the platform are as in the catalogue, with %,d records"
                    .formatted(
                            catalogued.size(),
                            catalogued.stream().mapToLong(TopicState::records).sum())));
        }
        findings.addAll(sources(all));
        return findings;
    }

    private static Finding deviation(TopicState topic, String deviation) {
        String what = "topic %s: %s".formatted(topic.name(), deviation);
        return deviation.contains("incompatible")
                ? Finding.problem(what, "Another Penstock registered it: use the same version everywhere.")
                : Finding.warning(
                        what, "'penstock topics' shows all; change it back unless somebody changed it on purpose.");
    }

    private List<Finding> sources(List<TopicState> topics) {
        Set<String> existing = topics.stream().map(TopicState::name).collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>();
        for (Pipeline pipeline : pipelines.map(Pipelines::withSource).orElse(List.of())) {
            pipeline.source()
                    .map(Source::topic)
                    .filter(topic -> !existing.contains(topic))
                    .ifPresent(topic -> findings.add(Finding.problem(
                            "pipeline %s reads topic %s, which does not exist".formatted(pipeline.name(), topic),
                            "Create it, or correct the pipelines file.")));
        }
        return findings;
    }
}
