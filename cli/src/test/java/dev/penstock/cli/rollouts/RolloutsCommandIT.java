package dev.penstock.cli.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.ArtifactLocation;
import dev.penstock.schemas.Check;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.EvidenceVerdict;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.RolloutAction;
import dev.penstock.schemas.RolloutCommand;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutStage;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.RolloutStep;
import dev.penstock.schemas.TrainingCause;
import dev.penstock.schemas.TrainingPhase;
import dev.penstock.schemas.TrainingRun;
import dev.penstock.schemas.VersionStanding;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RolloutsCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final String model = "model-" + UUID.randomUUID();

    @BeforeEach
    void publishThreeVersions() {
        KAFKA.createCatalogue();
        send(Topic.MODEL_VERSIONS, model + "/1", published(1, List.of()));
        send(Topic.MODEL_VERSIONS, model + "/2", published(2, List.of()));
        send(Topic.MODEL_VERSIONS, model + "/3", published(3, List.of("error 0.3 is above 0.1", "too slow")));
    }

    @Test
    void showsWhoServesAndWhoIsOnTrial() {
        send(Topic.ROLLOUTS, model, state(2, 0.05, false));

        CommandRun run = rollout("status", model);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().toList().get(1))
                .matches(model + " +1 +2 +canary +5% +no +2026-01-01T12:00:00Z +better in shadow");
        assertThat(run.out()).contains("champion  2026-01-01T12:00:00Z  the first");
        JsonNode json = rollout("status", model, "--output", "json").json().path(0);
        assertThat(json.path("champion").asInt()).isEqualTo(1);
        assertThat(json.path("candidate").asInt()).isEqualTo(2);
        assertThat(json.path("stage").asText()).isEqualTo("canary");
        assertThat(json.path("share").asDouble()).isEqualTo(0.05);
        assertThat(json.path("versions")).hasSize(2);
    }

    @Test
    void whatAJobWroteLateIsNotTakenForWhatHolds() {
        send(Topic.ROLLOUTS, model, state(2, 0.05, false));
        send(
                Topic.ROLLOUTS,
                model,
                RolloutState.newBuilder(state(2, 0.01, true))
                        .setChangedAt(NOON.minusSeconds(1))
                        .build());

        JsonNode json = rollout("status", model, "--output", "json").json().path(0);

        assertThat(json.path("share").asDouble()).isEqualTo(0.05);
        assertThat(json.path("paused").asBoolean()).isFalse();
    }

    @Test
    void saysWhichVersionServesWhereNoRolloutJobRuns() {
        JsonNode json = rollout("status", model, "--output", "json").json().path(0);

        assertThat(json.path("champion").asInt()).isEqualTo(2);
        assertThat(json.path("stage").asText()).isEqualTo("not-watched");
        assertThat(json.path("because").asText()).contains("no rollout job has seen it");
    }

    @Test
    void showsWhatTheNewestEvaluationSaw() {
        send(Topic.ROLLOUTS, model, state(2, 0.05, false));
        send(Topic.EVALUATIONS, model + "/2", evaluation(NOON, EvidenceVerdict.INCONCLUSIVE, 10));
        send(Topic.EVALUATIONS, model + "/2", evaluation(NOON.plusSeconds(5), EvidenceVerdict.PASS, 900));

        CommandRun run = rollout("status", model, "--checks");

        assertThat(run.out())
                .containsPattern(
                        "2 +1 +error +pass +900 +-0\\.0200 +-0\\.0400 +-0\\.0010 +0\\.0000 +0\\.0150 +of 900 pairs")
                .doesNotContain("of 10 pairs");
    }

    @Test
    void promotesAndSaysWhatCameOfIt() throws Exception {
        CompletableFuture<RolloutCommand> obeyed = answer(command -> List.of(
                RolloutEvent.newBuilder(event(command, RolloutStage.RETIRED, 0))
                        .setVersion(1)
                        .build(),
                event(command, RolloutStage.CHAMPION, 1)));

        CommandRun run = rollout(
                "promote", model, "--version", "2", "--reason", "checked by hand", "--by", "ada", "--wait", "30s");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines())
                .containsExactly(
                        model + " version 1: retired, 0% of entities, since 2026-01-01T12:00:00Z: ada: checked by hand",
                        model
                                + " version 2: champion, 100% of entities, since 2026-01-01T12:00:00Z: ada: checked by hand");
        RolloutCommand command = obeyed.get();
        assertThat(command.getAction()).isEqualTo(RolloutAction.PROMOTE);
        assertThat(command.getVersion()).isEqualTo(2);
        assertThat(command.getActor()).isEqualTo("ada");
        assertThat(command.getReason()).isEqualTo("checked by hand");
    }

    @Test
    void everyCommandIsWrittenAsWhatItIs() {
        send(Topic.ROLLOUTS, model, state(2, 0.05, false));
        for (String action : List.of("promote", "roll-back", "pause", "resume", "train", "cancel-training")) {
            CommandRun run = rollout(action, model, "--reason", "because of " + action, "--no-wait");
            assertThat(run.exitCode()).as(run.err()).isZero();
        }

        List<RolloutCommand> written = commands();
        assertThat(written)
                .extracting(RolloutCommand::getAction)
                .containsExactly(
                        RolloutAction.PROMOTE,
                        RolloutAction.ROLL_BACK,
                        RolloutAction.PAUSE,
                        RolloutAction.RESUME,
                        RolloutAction.TRAIN,
                        RolloutAction.CANCEL_TRAINING);
        assertThat(written).extracting(RolloutCommand::getCommandId).doesNotHaveDuplicates();
        // The one on trial by name: obeyed a second time, the command must not be about another.
        assertThat(written).extracting(RolloutCommand::getVersion).containsExactly(2, 2, null, null, null, null);
    }

    @Test
    void aTrainingAnswersWithItsFirstReportAndNobodyElsesDoes() throws Exception {
        CompletableFuture<RolloutCommand> obeyed = new CompletableFuture<>();
        Thread job = new Thread(() -> {
            obeyed.complete(awaitCommand());
            send(Topic.TRAINING_RUNS, model, training("by-itself", TrainingCause.LABELS));
            send(Topic.TRAINING_RUNS, model, training("somebody-elses", TrainingCause.COMMAND, "another-command"));
            String asked = obeyed.join().getCommandId();
            send(Topic.TRAINING_RUNS, model, training("asked-for", TrainingCause.COMMAND, "another-command", asked));
        });
        job.start();

        CommandRun run = rollout("train", model, "--reason", "new campaign", "--output", "json", "--wait", "30s");

        job.join();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.json().path("answers")).hasSize(1);
        assertThat(run.json().path("answers").path(0).path("runId").asText()).isEqualTo("asked-for");
        assertThat(run.json().path("commandId").asText()).isEqualTo(obeyed.get().getCommandId());
    }

    @Test
    void saysWhenNobodyAnswers() {
        CommandRun run = rollout("pause", model, "--reason", "freeze", "--wait", "0.3s");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("no rollout job answered within 0.3s")
                .contains("It is written, and obeyed as soon as a rollout job runs.");
        assertThat(commands()).hasSize(1);
    }

    @Test
    void anAnswerToAnotherCommandIsNone() {
        CompletableFuture<RolloutCommand> seen =
                answer(command -> List.of(RolloutEvent.newBuilder(event(command, RolloutStage.CHAMPION, 1))
                        .setCommandId("somebody-elses")
                        .build()));

        CommandRun run = rollout("pause", model, "--reason", "freeze", "--wait", "2s");

        assertThat(seen).isCompleted();
        assertThat(run.exitCode()).isEqualTo(1);
    }

    @Test
    void saysWhatWasDeclinedWithAnExitCodeOfItsOwn() {
        CompletableFuture<RolloutCommand> heard =
                answer(command -> List.of(RolloutEvent.newBuilder(event(command, RolloutStage.CHAMPION, 1))
                        .setBecause("Cannot roll back: there is no version to go back to from version 1")
                        .build()));

        CommandRun run = rollout("roll-back", model, "--reason", "complaints", "--wait", "30s");

        assertThat(heard).isCompleted();
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out()).contains("Cannot roll back: there is no version to go back to");
    }

    @Test
    void refusesWhatMakesNoSenseBeforeAnythingIsWritten() {
        assertThat(rollout("pause", model, "--reason", " ").err()).contains("--reason is empty");
        assertThat(rollout("pause", model).err()).contains("--reason");
        assertThat(rollout("pause", "nobody", "--reason", "x").err())
                .contains("no version of it is published")
                .contains(model);
        assertThat(rollout("promote", model, "--version", "9", "--reason", "x").err())
                .contains("it has no version 9")
                .contains("Its versions are 1, 2, 3.");
        assertThat(rollout("promote", model, "--version", "3", "--reason", "x").err())
                .contains("its training refused it: error 0.3 is above 0.1; too slow");
        CommandRun nothingOnTrial = rollout("promote", model, "--reason", "x");
        assertThat(nothingOnTrial.exitCode()).isEqualTo(2);
        assertThat(nothingOnTrial.err()).contains("none is on trial").contains("Name it with --version");
        assertThat(commands()).isEmpty();
    }

    private CompletableFuture<RolloutCommand> answer(Function<RolloutCommand, List<RolloutEvent>> events) {
        return CompletableFuture.supplyAsync(() -> {
            RolloutCommand command = awaitCommand();
            send(Topic.ROLLOUT_HISTORY, model, events.apply(command));
            return command;
        });
    }

    private RolloutCommand awaitCommand() {
        return await().atMost(Duration.ofMinutes(1))
                .until(this::commands, written -> !written.isEmpty())
                .get(0);
    }

    private List<RolloutCommand> commands() {
        return KAFKA.read("rollout-commands", RolloutCommand.class).stream()
                .filter(command -> command.getModel().equals(model))
                .toList();
    }

    private static void send(Topic topic, String key, SpecificRecord value) {
        send(topic, key, List.of(value));
    }

    private static void send(Topic topic, String key, List<? extends SpecificRecord> values) {
        try (KafkaProducer<String, SpecificRecord> producer = KAFKA.producer()) {
            for (SpecificRecord value : values) {
                producer.send(new ProducerRecord<>(topic.topicName(), key, value))
                        .get();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ModelVersion published(int version, List<String> refusedBecause) {
        return ModelVersion.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setModality(Modality.RECORD)
                .setDigest("0".repeat(64))
                .setSizeBytes(1)
                .setCard("")
                .setLocation(ArtifactLocation.newBuilder().build())
                .setPublishedAt(NOON)
                .setRefusedBecause(refusedBecause)
                .build();
    }

    private RolloutState state(int candidate, double share, boolean paused) {
        return new RolloutState(
                model,
                List.of(
                        new RolloutStep(NOON.minusSeconds(60), 1, null, 0.0, ""),
                        new RolloutStep(NOON, 1, candidate, share, "salt")),
                List.of(
                        new VersionStanding(1, RolloutStage.CHAMPION, NOON, "the first"),
                        new VersionStanding(2, RolloutStage.CANARY, NOON, "better in shadow")),
                paused,
                NOON);
    }

    private Evaluation evaluation(Instant at, EvidenceVerdict verdict, long pairs) {
        Check error =
                new Check("error", verdict, pairs, -0.02, -0.04, -0.001, 0.0, 0.015, "of %d pairs".formatted(pairs));
        return new Evaluation(model, 2, 1, RolloutStage.CANARY, 0.05, verdict, List.of(error), null, at);
    }

    private static RolloutEvent event(RolloutCommand command, RolloutStage stage, double share) {
        return new RolloutEvent(
                command.getModel(),
                command.getVersion() == null ? 1 : command.getVersion(),
                stage,
                share,
                NOON,
                "%s: %s".formatted(command.getActor(), command.getReason()),
                command.getActor(),
                command.getCommandId(),
                NOON);
    }

    private TrainingRun training(String runId, TrainingCause cause, String... commandIds) {
        return TrainingRun.newBuilder()
                .setRunId(runId)
                .setModel(model)
                .setPhase(TrainingPhase.STARTED)
                .setCause(cause)
                .setCommandIds(List.of(commandIds))
                .setReportedAt(NOON)
                .build();
    }

    private static CommandRun rollout(String... arguments) {
        List<String> all = new ArrayList<>(List.of("rollout"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl()));
        return CommandRun.of(all.toArray(String[]::new));
    }
}
