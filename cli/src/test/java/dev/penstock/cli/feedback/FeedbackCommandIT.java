package dev.penstock.cli.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.models.TinyModels;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FeedbackCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    Path directory;

    @BeforeEach
    void prepare() throws IOException {
        KAFKA.createCatalogue();
        Files.writeString(directory.resolve("pipelines.yaml"), """
                pipelines:
                  told: {modality: record, model: tiny-record}
                  untold: {modality: record, model: nobody-published-it}
                """);
        run(
                "models",
                "import",
                "--unsigned",
                TinyModels.record(directory.resolve("bundle"), 9).directory().toString());
    }

    @Test
    void writesWhatIsSaidOfEachRequest() {
        CommandRun run = run(
                "feedback", "told", "fraud", "f-1", "f-2", "--source", "outcome", "--by", "bank", "--certainty", "0.9");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).isEqualToIgnoringNewLines("Said of 2 requests: fraud");
        List<Feedback> written = KAFKA.read("feedback", Feedback.class).stream()
                .filter(feedback -> feedback.getPipeline().equals("told"))
                .toList();
        assertThat(written).extracting(Feedback::getRequestId).containsExactlyInAnyOrder("f-1", "f-2");
        assertThat(written).allSatisfy(feedback -> {
            assertThat(feedback.getLabel()).isEqualTo("fraud");
            assertThat(feedback.getSource()).isEqualTo(FeedbackSource.OUTCOME);
            assertThat(feedback.getSaidBy()).isEqualTo("bank");
            assertThat(feedback.getCertainty()).isEqualTo(0.9);
        });
    }

    @Test
    void refusesALabelThatTheModelDoesNotHave() {
        CommandRun run = run("feedback", "told", "frod", "f-3");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("Cannot say that a request of pipeline 'told' was 'frod': its model has no such label")
                .contains("The labels are genuine, fraud.");
        assertThat(KAFKA.read("feedback", Feedback.class))
                .noneMatch(feedback -> feedback.getRequestId().equals("f-3"));
    }

    @Test
    void takesAnyLabelWhileNobodyKnowsBetterAndSaysSo() {
        CommandRun run = run("feedback", "untold", "odd", "f-4");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("Model 'nobody-published-it' has no version yet");
    }

    @Test
    void refusesWhatCannotBe() {
        assertThat(run("feedback", "nothing", "fraud", "f-5").err())
                .contains("there is none of that name")
                .contains("The pipelines are told, untold.");
        assertThat(run("feedback", "told", "fraud", "f-5", "--certainty", "2").err())
                .contains("Give --certainty a number from 0 to 1.");
        assertThat(run("feedback", "told", "fraud").err()).contains("penstock feedback --help");
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--brokers",
                KAFKA.bootstrapServers(),
                "--registry",
                KAFKA.registryUrl(),
                "--pipelines",
                directory.resolve("pipelines.yaml").toString()));
        return CommandRun.of(all.toArray(String[]::new));
    }
}
