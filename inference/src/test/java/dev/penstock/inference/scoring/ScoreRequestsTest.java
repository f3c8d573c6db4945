package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.NOON;
import static dev.penstock.schemas.Fixtures.request;
import static dev.penstock.schemas.Fixtures.someModelVersion;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.versions.ModelLoader;
import dev.penstock.inference.versions.ServedModels;
import dev.penstock.models.ModelRefusedException;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.wire.RegistryUnavailableException;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScoreRequestsTest {
    private final String registryUrl = "mock://" + UUID.randomUUID();
    private final List<StubModel> loaded = new CopyOnWriteArrayList<>();
    private final List<ScoreRequestsHarness> harnesses = new ArrayList<>();
    /** Version 1 scores 0.51 for spam, version 2 0.52, and so on. */
    private ModelLoader loader = version -> keep(StubModel.scoring(0.5f + version.getVersion() / 100f));

    @TempDir
    private Path directory;

    private FollowedByTest<ModelVersion> announcements = FollowedByTest.readAtOnce();
    private FollowedByTest<RolloutState> rollouts = FollowedByTest.readAtOnce();

    @AfterEach
    void everyModelIsClosed() throws Exception {
        for (ScoreRequestsHarness harness : harnesses) {
            harness.close();
        }
        assertThat(loaded).allMatch(StubModel::isClosed);
    }

    @Test
    void brokenRequestsDoNotTouchThoseBesideThem() throws Exception {
        ScoreRequestsHarness harness = serving(1);

        harness.request(someTextRequest("id-1"));
        harness.requestBytes("no Avro".getBytes(UTF_8));
        harness.requestBytes(null);
        harness.request(someTextRequest("id-2"));
        harness.request(request("id-3", "no-such-pipeline", new TextPayload("hello")));
        harness.request(someTextRequest("id-4"));

        assertThat(harness.predictions()).extracting(Prediction::getRequestId).containsExactly("id-1", "id-2", "id-4");
        assertThat(harness.deadLetters())
                .extracting(DeadLetter::code)
                .containsExactly(
                        DeadLetterCode.MALFORMED_RECORD,
                        DeadLetterCode.MALFORMED_RECORD,
                        DeadLetterCode.UNKNOWN_PIPELINE);
    }

    @Test
    void requestsThatCameBeforeAnyVersionAreAnsweredInOrderOnceThereIsOne() throws Exception {
        ScoreRequestsHarness harness = opened();
        for (int number = 0; number < 50; number++) {
            harness.request(someTextRequest("id-" + number));
        }
        assertThat(harness.getOutput()).isEmpty();

        harness.announce(someModelVersion("spam", 1));
        harness.runUntil(() -> !harness.predictions().isEmpty());

        assertThat(harness.predictions()).hasSize(50);
        for (int number = 0; number < 50; number++) {
            assertThat(harness.predictions().get(number).getRequestId()).isEqualTo("id-" + number);
        }
    }

    @Test
    void onlyThoseWaitWhoseModelIsMissing() throws Exception {
        ScoreRequestsHarness harness = serving(1);

        harness.request(request("id-1", "moderation", new TextPayload("you fool")));
        harness.request(someTextRequest("id-2"));

        assertThat(harness.predictions()).extracting(Prediction::getRequestId).containsExactly("id-2");
        harness.announce(someModelVersion("toxicity", 1));
        harness.runUntil(() -> harness.predictions().size() == 2);
        assertThat(harness.predictions())
                .last()
                .extracting(Prediction::getModel)
                .isEqualTo("toxicity");
    }

    @Test
    void whoWaitsAtACheckpointIsAnsweredAfterTheRestart() throws Exception {
        ScoreRequestsHarness before = opened();
        before.request(someTextRequest("id-1"));
        before.request(request("id-2", "moderation", new TextPayload("you fool")));
        before.request(someTextRequest("id-3"));
        OperatorSubtaskState checkpoint = before.snapshot(1, 1);

        ScoreRequestsHarness after = restored(checkpoint);
        after.announce(someModelVersion("spam", 1));
        after.announce(someModelVersion("toxicity", 1));
        after.runUntil(() -> after.predictions().size() == 3);

        assertThat(after.predictions())
                .extracting(Prediction::getRequestId)
                .containsSubsequence("id-1", "id-3")
                .contains("id-2");
        assertThat(after.predictions().get(0).getTiming().getRequestedAt().toEpochMilli())
                .isEqualTo(1_000);
    }

    @Test
    void tasksThatBecomeOneAnswerForAllWhoWaited() throws Exception {
        ScoreRequestsHarness first = opened();
        first.request(someTextRequest("id-1"));
        ScoreRequestsHarness second = opened();
        second.request(someTextRequest("id-2"));
        second.request(someTextRequest("id-3"));
        OperatorSubtaskState both =
                AbstractStreamOperatorTestHarness.repackageState(first.snapshot(1, 1), second.snapshot(1, 1));

        ScoreRequestsHarness one = restored(both, 2);
        one.announce(someModelVersion("spam", 1));
        one.runUntil(() -> one.predictions().size() == 3);

        assertThat(one.predictions())
                .extracting(Prediction::getRequestId)
                .containsExactlyInAnyOrder("id-1", "id-2", "id-3");
    }

    @Test
    void aPipelineThatWasRemovedLeavesNobodyWaitingForEver() throws Exception {
        ScoreRequestsHarness before = opened();
        before.request(someTextRequest("id-1"));
        OperatorSubtaskState checkpoint = before.snapshot(1, 1);

        ScoreRequestsHarness after = harness(new ScoreRequests.Settings(
                Modality.TEXT,
                List.of(),
                Set.of(),
                registry(),
                loader,
                announcements,
                rollouts,
                10,
                1_000_000,
                new ServedModels.Limits(2, Long.MAX_VALUE),
                directory.toString(),
                Delivery.AT_LEAST_ONCE,
                clock()));
        after.initializeState(checkpoint);
        after.open();

        assertThat(after.deadLetters()).extracting(DeadLetter::code).containsExactly(DeadLetterCode.UNKNOWN_PIPELINE);
    }

    @Test
    void aPipelineThatIsScoredElsewhereNowLeavesNobodyWaitingForEver() throws Exception {
        ScoreRequestsHarness before = opened();
        before.request(someTextRequest("id-1"));
        OperatorSubtaskState checkpoint = before.snapshot(1, 1);

        ScoreRequestsHarness after = harness(new ScoreRequests.Settings(
                Modality.TEXT,
                List.of(binding("spam", "spam")),
                Set.of(),
                registry(),
                loader,
                announcements,
                rollouts,
                10,
                1_000_000,
                new ServedModels.Limits(2, Long.MAX_VALUE),
                directory.toString(),
                Delivery.AT_LEAST_ONCE,
                clock()));
        after.initializeState(checkpoint);
        after.open();

        assertThat(after.deadLetters()).extracting(DeadLetter::code).containsExactly(DeadLetterCode.UNKNOWN_PIPELINE);
    }

    @Test
    void aFullTaskReadsNoMoreUntilThereIsAVersion() throws Exception {
        ScoreRequestsHarness harness = opened(3);
        for (int number = 0; number < 3; number++) {
            harness.request(someTextRequest("id-" + number));
        }
        assertThat(harness.getOutput()).isEmpty();

        harness.announce(someModelVersion("spam", 1));
        harness.request(someTextRequest("id-3"));

        assertThat(harness.predictions())
                .extracting(Prediction::getRequestId)
                .containsExactly("id-0", "id-1", "id-2", "id-3");
        assertThat(harness.alerts()).singleElement().satisfies(alert -> {
            assertThat(alert.getCode()).isEqualTo(AlertCode.WAITING_FOR_MODEL);
            assertThat(alert.getMessage())
                    .isEqualTo(
                            "3 requests wait and no more are read: model 'spam' has no version that serves; publish one");
        });
    }

    @Test
    void aFullTaskTriesOlderVersionsWhenTheNewestIsRefused() throws Exception {
        ModelLoader usual = loader;
        loader = version -> {
            if (version.getVersion() == 2) {
                throw new ModelRefusedException("it writes files");
            }
            return usual.load(version);
        };
        ScoreRequestsHarness harness = opened(1);
        harness.request(someTextRequest("id-0"));
        harness.announce(someModelVersion("spam", 2));
        harness.announce(someModelVersion("spam", 1));

        harness.request(someTextRequest("id-1"));

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1, 1);
    }

    @Test
    void aFullTaskCanBeCancelled() throws Exception {
        ScoreRequestsHarness harness = opened(1);
        harness.request(someTextRequest("id-0"));

        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> harness.request(someTextRequest("id-1"))).isInstanceOf(InterruptedException.class);
    }

    @Test
    void aNewVersionTakesOverBetweenTwoRecords() throws Exception {
        ScoreRequestsHarness harness = serving(1);
        harness.request(someTextRequest("id-1"));
        harness.announce(someModelVersion("spam", 2));
        harness.request(someTextRequest("id-2"));
        harness.runUntil(() -> harness.residentVersions() == 2);
        harness.request(someTextRequest("id-3"));

        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1, 1, 2);
        assertThat(harness.predictions().get(2).getScores().get("spam")).isEqualTo(0.52f);
    }

    @Test
    void aRefusedVersionRaisesAnAlertAndTheOldOneServesOn() throws Exception {
        ScoreRequestsHarness harness = serving(1);
        loader = version -> {
            throw new ModelRefusedException("Cannot use it: it writes files");
        };

        harness.announce(someModelVersion("spam", 2));
        harness.runUntil(() -> !harness.alerts().isEmpty());
        harness.request(someTextRequest("id-1"));

        assertThat(harness.alerts())
                .containsExactly(Alert.newBuilder()
                        .setModel("spam")
                        .setModelVersion(2)
                        .setCode(AlertCode.VERSION_REFUSED)
                        .setMessage("Version 2 of model 'spam' is refused: Cannot use it: it writes files")
                        .setRaisedBy("inference")
                        .setRaisedAt(NOON)
                        .build());
        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1);
    }

    @Test
    void aVersionForAnotherModalityIsRefusedOnceAndNotLoaded() throws Exception {
        ScoreRequestsHarness harness = serving(1);
        ModelVersion forImages = ModelVersion.newBuilder(someModelVersion("spam", 2))
                .setModality(Modality.IMAGE)
                .build();

        harness.announce(forImages);
        harness.announce(forImages);
        harness.runWhatIsThere();

        assertThat(harness.alerts())
                .singleElement()
                .extracting(Alert::getMessage)
                .isEqualTo("Version 2 of model 'spam' reads IMAGE, but its pipelines carry TEXT");
        assertThat(loaded).hasSize(1);
    }

    @Test
    void anAnnouncementThatContradictsTheServingVersionRaisesAnAlertThatNamesNoVersion() throws Exception {
        ScoreRequestsHarness harness = serving(1);

        harness.announce(ModelVersion.newBuilder(someModelVersion("spam", 1))
                .setDigest("f".repeat(64))
                .build());
        harness.announce(ModelVersion.newBuilder(someModelVersion("spam", 1))
                .setModality(Modality.IMAGE)
                .build());
        harness.runUntil(() -> harness.alerts().size() == 2);
        harness.request(someTextRequest("id-1"));

        assertThat(harness.alerts()).allSatisfy(alert -> {
            assertThat(alert.getModelVersion()).isNull();
            assertThat(alert.getMessage()).startsWith("Version 1 of model 'spam' was announced again");
        });
        assertThat(harness.predictions())
                .extracting(Prediction::getModelVersion)
                .containsExactly(1);
    }

    @Test
    void announcementsThatAreNotForUsAreLeftAlone() throws Exception {
        ScoreRequestsHarness harness = serving(1);

        harness.announce(someModelVersion("somebody-elses", 1));
        harness.runWhatIsThere();
        harness.request(someTextRequest("id-1"));

        assertThat(harness.predictions()).hasSize(1);
        assertThat(harness.alerts()).isEmpty();
        assertThat(loaded).hasSize(1);
    }

    @Test
    void inputsThatEndLeaveNobodyUnansweredWhoseVersionIsOnItsWay() throws Exception {
        ScoreRequestsHarness harness = opened();
        harness.request(someTextRequest("id-1"));
        harness.announce(someModelVersion("spam", 1));

        harness.finish();

        assertThat(harness.predictions()).hasSize(1);
    }

    @Test
    void inputsThatEndKeepThoseInTheCheckpointWhoseModelHasNoVersion() throws Exception {
        ScoreRequestsHarness harness = opened();
        harness.request(someTextRequest("id-1"));

        harness.finish();

        assertThat(harness.getOutput()).isEmpty();
        ScoreRequestsHarness after = restored(harness.snapshot(1, 1));
        after.announce(someModelVersion("spam", 1));
        after.runUntil(() -> after.predictions().size() == 1);
    }

    @Test
    void aRepeatAfterARestartHasTheSameId() throws Exception {
        ScoreRequestsHarness before = serving(1);
        OperatorSubtaskState checkpoint = before.snapshot(1, 1);
        before.request(someTextRequest("id-1"));

        ScoreRequestsHarness after = restored(checkpoint);
        after.announce(someModelVersion("spam", 1));
        after.request(someTextRequest("id-1"));
        after.runUntil(() -> !after.predictions().isEmpty());

        assertThat(after.predictions().get(0).getPredictionId())
                .isEqualTo(before.predictions().get(0).getPredictionId());
    }

    @Test
    void aHostileRequestIsOneDeadLetterAndTheTaskGoesOn() throws Exception {
        ScoreRequestsHarness harness = serving(1);
        InferenceRequest nameless = someTextRequest("");

        harness.request(nameless);
        harness.request(someTextRequest("id-1"));

        assertThat(harness.deadLetters()).extracting(DeadLetter::code).containsExactly(DeadLetterCode.INVALID_ID);
        assertThat(harness.predictions()).hasSize(1);
    }

    /** As at a restart while the registry is away: the task is tried again, and this one leaves nothing behind. */
    @Test
    void aTaskThatFailsWhileItOpensClosesWhatItHadOpened() throws Exception {
        ScoreRequestsHarness before = opened();
        before.request(someTextRequest("id-1"));
        OperatorSubtaskState checkpoint = before.snapshot(1, 1);
        ScoreRequests.Settings away = new ScoreRequests.Settings(
                Modality.TEXT,
                List.of(binding("spam", "spam")),
                Set.of("spam"),
                () -> SchemaRegistry.connect("http://localhost:1", Map.of(), Duration.ZERO),
                loader,
                announcements,
                rollouts,
                10,
                1_000_000,
                new ServedModels.Limits(2, Long.MAX_VALUE),
                directory.toString(),
                Delivery.AT_LEAST_ONCE,
                clock());
        ScoreRequestsHarness after = new ScoreRequestsHarness(away, announcements, rollouts);
        after.setup();
        after.initializeState(checkpoint);

        assertThatThrownBy(after::open).isInstanceOf(RegistryUnavailableException.class);
        after.close();

        before.close();
        harnesses.clear();
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).noneMatch(file -> file.toString().endsWith(".in-flight"));
        }
    }

    private StubModel keep(StubModel model) {
        loaded.add(model);
        return model;
    }

    private ScoreRequestsHarness serving(int version) throws Exception {
        ScoreRequestsHarness harness = opened();
        harness.announce(someModelVersion("spam", version));
        harness.request(someTextRequest("warm-up"));
        harness.runUntil(() -> !harness.predictions().isEmpty());
        harness.getOutput().clear();
        return harness;
    }

    private ScoreRequestsHarness opened() throws Exception {
        return opened(1_000);
    }

    private ScoreRequestsHarness opened(int waitingRecords) throws Exception {
        announcements = FollowedByTest.readAtOnce();
        rollouts = FollowedByTest.readAtOnce();
        ScoreRequestsHarness harness = harness(settings(waitingRecords));
        harness.open();
        return harness;
    }

    private ScoreRequestsHarness restored(OperatorSubtaskState checkpoint) throws Exception {
        return restored(checkpoint, 1_000);
    }

    private ScoreRequestsHarness restored(OperatorSubtaskState checkpoint, int waitingRecords) throws Exception {
        announcements = FollowedByTest.readAtOnce();
        rollouts = FollowedByTest.readAtOnce();
        ScoreRequestsHarness harness = harness(settings(waitingRecords));
        harness.initializeState(checkpoint);
        harness.open();
        return harness;
    }

    private ScoreRequestsHarness harness(ScoreRequests.Settings settings) throws Exception {
        ScoreRequestsHarness harness = new ScoreRequestsHarness(settings, announcements, rollouts);
        harness.setup();
        harnesses.add(harness);
        return harness;
    }

    private ScoreRequests.Settings settings(int waitingRecords) {
        return new ScoreRequests.Settings(
                Modality.TEXT,
                List.of(binding("spam", "spam"), binding("moderation", "toxicity")),
                Set.of("spam", "moderation"),
                registry(),
                version -> loader.load(version),
                announcements,
                rollouts,
                waitingRecords,
                1_000_000,
                new ServedModels.Limits(2, Long.MAX_VALUE),
                directory.toString(),
                Delivery.AT_LEAST_ONCE,
                clock());
    }

    private static PipelineBinding binding(String pipeline, String model) {
        return new PipelineBinding(pipeline, Modality.TEXT, model, BatchLimits.usual(), Delivery.AT_LEAST_ONCE);
    }

    private RegistryConnection registry() {
        String url = registryUrl;
        return () -> SchemaRegistry.connect(url);
    }

    private static Clock clock() {
        return Clock.fixed(NOON, ZoneOffset.UTC);
    }
}
