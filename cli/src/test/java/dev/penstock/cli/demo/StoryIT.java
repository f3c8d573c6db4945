package dev.penstock.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.output.ExitCode;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's whole story, on real data and by the clock: ten minutes and more, so it has a profile of its own. Mails and
 * payments must have been learned from by then; of the others it is for the evidence to say.
 */
@Tag("story")
class StoryIT {
    private static final double LARGEST_SHARE_OF_A_BAD_VERSION = 0.02;

    @TempDir
    private static Path directory;

    private static DemoRun demo;

    @BeforeAll
    static void runOnce() throws Exception {
        demo = DemoRun.of("--report", directory.toString());
    }

    @Test
    void everyEventHasOneOutcome() {
        assertThat(demo.exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(demo.report().get("balanced").asBoolean()).isTrue();
    }

    /** Of 420 mails each mistake more is nearly a point of precision; {@link LearningFromMailIT} asks the same of 1,500. */
    @Test
    void theFirstMailsThatAreLearnedFromMakeMoreBeFoundAndHardlyMoreMistaken() {
        JsonNode first = exam(model("spam"), 1);
        JsonNode promoted = exam(model("spam"), firstPromoted(model("spam")));

        assertThat(recall(promoted) - recall(first)).isGreaterThanOrEqualTo(0.05);
        assertThat(precision(promoted) - precision(first)).isGreaterThanOrEqualTo(-0.01);
    }

    /** Later ones may trade some of their precision for what they find. */
    @Test
    void whoDecidesMailsInTheEndFindsMoreAndIsRightMoreOften() {
        JsonNode first = exam(model("spam"), 1);
        JsonNode serving = exam(model("spam"), model("spam").get("champion").asInt());

        assertThat(recall(serving) - recall(first)).isGreaterThanOrEqualTo(0.05);
        assertThat(accuracy(serving)).isGreaterThan(accuracy(first));
    }

    @Test
    void fraudIsDecidedRightlyMoreOften() {
        JsonNode fraud = model("fraud");

        assertThat(fraud.get("champion").asInt()).isGreaterThan(1);
        assertThat(accuracy(exam(fraud, fraud.get("champion").asInt()))).isGreaterThan(accuracy(exam(fraud, 1)));
    }

    @Test
    void whoServesInTheEndIsNoWorseThanWhoBegan() {
        for (JsonNode model : demo.report().get("models")) {
            assertThat(accuracy(exam(model, model.get("champion").asInt())))
                    .as(model.get("model").asText())
                    .isGreaterThanOrEqualTo(accuracy(exam(model, 1)));
        }
    }

    @Test
    void aBadVersionAnswersHardlyAnybody() {
        assertThat(demo.report().get("shareOfBadVersion").asDouble())
                .isLessThanOrEqualTo(LARGEST_SHARE_OF_A_BAD_VERSION);
    }

    @Test
    void everyActEndsInASentence() {
        assertThat(demo.report().get("acts"))
                .hasSizeGreaterThanOrEqualTo(7)
                .allSatisfy(act -> assertThat(act.get("sentence").asText()).isNotBlank());
    }

    private static double accuracy(JsonNode exam) {
        return exam.get("accuracy").asDouble();
    }

    private static double recall(JsonNode exam) {
        return exam.get("recall").asDouble();
    }

    private static double precision(JsonNode exam) {
        return exam.get("precision").asDouble();
    }

    /** Versions come in the order of their numbers, and so are they promoted. */
    private static int firstPromoted(JsonNode model) {
        for (JsonNode version : model.get("versions")) {
            if (version.get("version").asInt() > 1) {
                for (JsonNode stage : version.get("stages")) {
                    if (stage.get("stage").asText().equals("CHAMPION")) {
                        return version.get("version").asInt();
                    }
                }
            }
        }
        throw new AssertionError("No version of %s was promoted".formatted(model.get("model")));
    }

    private static JsonNode exam(JsonNode model, int version) {
        for (JsonNode each : model.get("versions")) {
            if (each.get("version").asInt() == version) {
                return each.get("sameEvents");
            }
        }
        throw new AssertionError("No version of %s is %d".formatted(model.get("model"), version));
    }

    private static JsonNode model(String name) {
        return demo.named("models", "model", name);
    }
}
