package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.cli.output.ExitCode;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The main job as a newcomer runs it, in this process: trained, published, streamed, accounted for. */
class DemoIT {
    private static final int EVENTS = 60;

    private static DemoRun demo;

    @BeforeAll
    static void runOnce() throws Exception {
        demo = DemoRun.of("--short", "--events", Integer.toString(EVENTS), "--rate", "30");
    }

    @Test
    void accountsForEveryEvent() {
        assertThat(demo.exitCode()).isEqualTo(ExitCode.DONE);
        for (JsonNode pipeline : demo.report().get("pipelines")) {
            assertThat(pipeline.get("sent").asInt())
                    .as(pipeline.get("name").asText())
                    .isGreaterThan(EVENTS)
                    .isEqualTo(pipeline.get("predicted").asInt()
                            + pipeline.get("deadLettered").asInt()
                            + pipeline.get("duplicatesDropped").asInt());
            assertThat(pipeline.get("missing")).isEmpty();
        }
    }

    @Test
    void predictsEveryGoodEventWithThePublishedVersion() {
        for (JsonNode pipeline : demo.report().get("pipelines")) {
            assertThat(pipeline.get("predicted").asInt())
                    .as(pipeline.get("name").asText())
                    .isEqualTo(EVENTS);
            assertThat(pipeline.get("modelVersion").asInt()).isEqualTo(1);
        }
    }

    @Test
    void saysOfEachBrokenEventWhatIsWrongWithIt() {
        assertThat(codes("spam"))
                .isEqualTo(Map.of("INVALID_TEXT", 1, "EMPTY_PAYLOAD", 1, "INVALID_TIME", 1, "MALFORMED_RECORD", 1));
        assertThat(codes("digits")).isEqualTo(Map.of("INVALID_IMAGE", 2, "IMAGE_TOO_LARGE", 1, "MISSING_FIELD", 1));
        assertThat(codes("languages")).isEqualTo(Map.of("INVALID_AUDIO", 2, "EMPTY_PAYLOAD", 1));
        assertThat(codes("fraud"))
                .isEqualTo(Map.of("NON_FINITE_FEATURE", 1, "MISSING_FEATURE", 1, "UNKNOWN_SCHEMA", 1));
    }

    @Test
    void modelsAreMuchBetterThanGuessing() {
        assertThat(accuracy("spam")).isGreaterThan(0.8);
        assertThat(accuracy("digits")).isGreaterThan(0.6); // Of 200 digits: the story shows how it gets better.
        assertThat(accuracy("languages")).isGreaterThan(0.5);
    }

    private static double accuracy(String pipeline) {
        return pipeline(pipeline).get("accuracy").asDouble();
    }

    private static Map<?, ?> codes(String pipeline) {
        return new ObjectMapper().convertValue(pipeline(pipeline).get("deadLettersByCode"), Map.class);
    }

    private static JsonNode pipeline(String name) {
        return demo.named("pipelines", "name", name);
    }
}
