package dev.penstock.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.cli.doctor.Finding.Status;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResidentVersionsTest {
    private static final String VERTEX = "/jobs/j/vertices/v";

    private final Map<String, String> answers = new HashMap<>(Map.of(
            "/jobs/j",
            "{'vertices': [{'id': 'v'}]}",
            VERTEX,
            "{'subtasks': [{'subtask': 0, 'endpoint': 'one:6122', 'taskmanager-id': 'tm-1'},"
                    + " {'subtask': 1, 'endpoint': 'two:6122', 'taskmanager-id': 'tm-2'}]}"));

    @Test
    void tellsForEachTaskManagerWhatItHasLoadedAndAnswersWith() throws InterruptedException {
        metrics(Map.of(
                "0.score-text.model.spam.version.3.native-bytes", 2_048L,
                "0.score-text.model.spam.version.4.native-bytes", 4_096L,
                "1.score-text.model.spam.version.3.native-bytes", 2_048L,
                "0.score-text.pipeline.mails.serving-version", 4L,
                "1.score-text.pipeline.mails.serving-version", 3L));

        List<Finding> findings = new ResidentVersions(this::answer).of("j", "penstock-inference");

        assertThat(findings)
                .containsExactly(
                        Finding.ok("job penstock-inference at task manager one:6122 (tm-1) has loaded spam:3 (2 KiB),"
                                + " spam:4 (4 KiB); it answers pipeline mails with version 4"),
                        Finding.ok("job penstock-inference at task manager two:6122 (tm-2) has loaded spam:3 (2 KiB);"
                                + " it answers pipeline mails with version 3"));
    }

    @Test
    void warnsOfAPipelineThatNobodyCanAnswer() throws InterruptedException {
        metrics(Map.of("1.score-text.pipeline.mails.serving-version", 0L));

        List<Finding> findings = new ResidentVersions(this::answer).of("j", "penstock-inference");

        assertThat(findings).extracting(Finding::status).containsExactly(Status.WARNING);
        assertThat(findings.get(0).what())
                .contains("tm-2")
                .contains("no version of any model")
                .contains("nothing yet");
    }

    @Test
    void saysNothingOfAJobThatHoldsNoModels() throws InterruptedException {
        answers.put(VERTEX + "/metrics", "[{'id': '0.join-evidence.numRecordsIn'}]");

        assertThat(new ResidentVersions(this::answer).of("j", "penstock-rollout"))
                .isEmpty();
    }

    private void metrics(Map<String, Long> values) {
        StringBuilder names = new StringBuilder("[{'id': '0.score-text.numRecordsIn'}");
        StringBuilder all = new StringBuilder();
        values.forEach((name, value) -> {
            names.append(", {'id': '").append(name).append("'}");
            all.append(all.isEmpty() ? "[" : ", ").append("{'id': '%s', 'value': '%d'}".formatted(name, value));
        });
        answers.put(VERTEX + "/metrics", names.append("]").toString());
        answers.put(VERTEX + "/metrics?get=", all.append("]").toString());
    }

    private JsonNode answer(String path) {
        // Which metrics are asked for, and in which order, is the check's own business.
        String known = path.contains("?get=") ? path.substring(0, path.indexOf("?get=") + "?get=".length()) : path;
        try {
            return new ObjectMapper().readTree(answers.getOrDefault(known, "{}").replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
