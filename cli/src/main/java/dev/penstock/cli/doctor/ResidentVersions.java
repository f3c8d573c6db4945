package dev.penstock.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which versions of models each TaskManager has loaded, and with which it answers: from the metrics that the inference
 * job's tasks report to Flink.
 */
final class ResidentVersions {
    /** {@code SUBTASK.OPERATOR.model.NAME.version.NUMBER.native-bytes}. */
    private static final Pattern LOADED =
            Pattern.compile("(\\d+)\\..+\\.model\\.(.+)\\.version\\.(\\d+)\\.native-bytes");

    /** {@code SUBTASK.OPERATOR.pipeline.NAME.serving-version}, and the same of a candidate. */
    private static final Pattern ANSWERING = Pattern.compile("(\\d+)\\..+\\.pipeline\\.(.+)\\.serving-version");

    private final Questions flink;

    /** Flink's REST interface. */
    interface Questions {
        /** @param path with its query */
        JsonNode ask(String path) throws InterruptedException;
    }

    ResidentVersions(Questions flink) {
        this.flink = flink;
    }

    /** What one TaskManager has; names are models' and pipelines'. */
    private static final class Held {
        private final Map<String, Long> bytesByVersion = new TreeMap<>();
        private final Map<String, Long> answering = new TreeMap<>();
    }

    /** A finding for each TaskManager on which the job has tasks that hold models; none for any other job. */
    List<Finding> of(String job, String jobName) throws InterruptedException {
        Map<String, Held> byTaskManager = new TreeMap<>();
        for (JsonNode vertex : flink.ask("/jobs/" + job).path("vertices")) {
            look("/jobs/%s/vertices/%s".formatted(job, vertex.path("id").asText()), byTaskManager);
        }
        List<Finding> findings = new ArrayList<>();
        byTaskManager.forEach((taskManager, held) -> findings.add(finding(jobName, taskManager, held)));
        return findings;
    }

    private void look(String vertex, Map<String, Held> byTaskManager) throws InterruptedException {
        List<String> names = new ArrayList<>();
        for (JsonNode metric : flink.ask(vertex + "/metrics")) {
            String name = metric.path("id").asText();
            if (LOADED.matcher(name).matches() || ANSWERING.matcher(name).matches()) {
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            return;
        }
        Map<String, String> taskManagers = new HashMap<>();
        for (JsonNode subtask : flink.ask(vertex).path("subtasks")) {
            taskManagers.put(
                    subtask.path("subtask").asText(),
                    "%s (%s)"
                            .formatted(
                                    subtask.path("endpoint")
                                            .asText(subtask.path("host").asText("not known")),
                                    subtask.path("taskmanager-id").asText("not known")));
        }
        String wanted = names.stream()
                .map(name -> URLEncoder.encode(name, StandardCharsets.UTF_8))
                .collect(Collectors.joining(","));
        for (JsonNode metric : flink.ask(vertex + "/metrics?get=" + wanted)) {
            enter(metric.path("id").asText(), metric.path("value").asLong(), taskManagers, byTaskManager);
        }
    }

    private static void enter(
            String name, long value, Map<String, String> taskManagers, Map<String, Held> byTaskManager) {
        Matcher loaded = LOADED.matcher(name);
        Matcher answering = ANSWERING.matcher(name);
        if (loaded.matches()) {
            held(loaded.group(1), taskManagers, byTaskManager)
                    .bytesByVersion
                    .merge("%s:%s".formatted(loaded.group(2), loaded.group(3)), value, Math::max);
        } else if (answering.matches()) {
            // Tasks of one process swap within milliseconds of each other: the older one is what holds.
            held(answering.group(1), taskManagers, byTaskManager).answering.merge(answering.group(2), value, Math::min);
        }
    }

    private static Held held(String subtask, Map<String, String> taskManagers, Map<String, Held> byTaskManager) {
        return byTaskManager.computeIfAbsent(
                taskManagers.getOrDefault(subtask, "a task manager that is not known"), first -> new Held());
    }

    private static Finding finding(String job, String taskManager, Held held) {
        String loaded = held.bytesByVersion.isEmpty()
                ? "no version of any model"
                : held.bytesByVersion.entrySet().stream()
                        .map(version -> "%s (%s)".formatted(version.getKey(), Amounts.bytes(version.getValue())))
                        .collect(Collectors.joining(", "));
        String answering = held.answering.entrySet().stream()
                .map(pipeline -> "%s with %s"
                        .formatted(
                                pipeline.getKey(),
                                pipeline.getValue() == 0 ? "nothing yet" : "version " + pipeline.getValue()))
                .collect(Collectors.joining(", "));
        String what = "job %s at task manager %s has loaded %s; it answers pipeline %s"
                .formatted(job, taskManager, loaded, answering.isEmpty() ? "not known" : answering);
        return held.answering.containsValue(0L)
                ? Finding.warning(
                        what,
                        "Requests of a pipeline without a version wait: publish one with 'penstock models import', or see"
                                + " 'penstock watch alerts' for why it was refused.")
                : Finding.ok(what);
    }
}
