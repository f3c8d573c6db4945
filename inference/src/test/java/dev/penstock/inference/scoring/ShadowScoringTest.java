package dev.penstock.inference.scoring;

import static dev.penstock.schemas.Fixtures.someModelVersion;
import static dev.penstock.schemas.Fixtures.someTextRequest;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.InferenceConfig.Delivery;
import dev.penstock.inference.PipelineBinding;
import dev.penstock.inference.StubModel;
import dev.penstock.inference.batching.BatchLimits;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.schemas.Modality;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class ShadowScoringTest {
    private static final int ROWS = 4;
    private static final PipelineBinding SPAM =
            new PipelineBinding("spam", Modality.TEXT, "spam", BatchLimits.usual(), Delivery.AT_LEAST_ONCE);
    private static final ServedModel SECOND = new ServedModel(someModelVersion("spam", 2), StubModel.scoring(0.5f));
    private static final ServedModel THIRD = new ServedModel(someModelVersion("spam", 3), StubModel.scoring(0.5f));

    private final Deque<Runnable> thread = new ArrayDeque<>();
    private final List<String> batches = new ArrayList<>();
    private final List<OutputRecord> outcomes = new ArrayList<>();
    private final ShadowScoring.Counters counters =
            new ShadowScoring.Counters(new SimpleCounter(), new SimpleCounter());
    private boolean isUnderPressure;
    private boolean isRegistryAway;

    private final ShadowScoring shadow = new ShadowScoring(
            ROWS,
            (candidate, rows) -> {
                if (isRegistryAway) {
                    throw new KafkaException("the registry does not answer");
                }
                batches.add("%d x %d".formatted(rows.size(), candidate.version().getVersion()));
                return rows.stream()
                        .map(row -> OutputRecord.of(
                                "shadow-predictions", row.content().getRequestId(), new byte[0]))
                        .toList();
            },
            new MicroBatcher.Threads(thread::add, Runnable::run),
            () -> isUnderPressure,
            counters,
            outcomes::add);

    @Test
    void oneBatchIsUnderWayAtATimeWhileOthersGather() {
        offer(SECOND, 6);
        assertThat(thread).hasSize(1);

        runAll();

        assertThat(batches).containsExactly("1 x 2", "4 x 2", "1 x 2");
        assertThat(outcomes)
                .extracting(outcome -> new String(outcome.key(), UTF_8))
                .containsExactly("id-0", "id-1", "id-2", "id-3", "id-4", "id-5");
        assertThat(counters.rows().getCount()).isEqualTo(6);
        assertThat(shadow.isEmpty()).isTrue();
    }

    @Test
    void waitsWhileWhatIsServedCouldDoWithTheProcessor() {
        isUnderPressure = true;
        offer(SECOND, 2);
        assertThat(thread).isEmpty();

        isUnderPressure = false;
        shadow.start();
        runAll();

        assertThat(batches).containsExactly("2 x 2");
    }

    @Test
    void shedsWhatFindsNoPlace() {
        isUnderPressure = true;
        offer(SECOND, ShadowScoring.MOST_WAITING + 10);

        assertThat(counters.shed().getCount()).isEqualTo(10);
        isUnderPressure = false;
        shadow.start();
        runAll();
        assertThat(outcomes).hasSize(ShadowScoring.MOST_WAITING);
    }

    @Test
    void aBatchHoldsOneVersionAndAVersionIsHeldUntilItIsNotNeeded() {
        offer(SECOND, 2);
        offer(THIRD, 2);
        assertThat(shadow.holds(SECOND)).isTrue();
        assertThat(shadow.holds(THIRD)).isTrue();

        runAll();

        assertThat(batches).containsExactly("1 x 2", "1 x 2", "2 x 3");
        assertThat(shadow.holds(SECOND)).isFalse();
        assertThat(shadow.holds(THIRD)).isFalse();
    }

    @Test
    void leavesOutWhatCannotBeWrittenAndGoesOn() {
        isRegistryAway = true;
        offer(SECOND, 1);
        thread.remove().run();
        assertThat(outcomes).isEmpty();
        assertThat(counters.shed().getCount()).isEqualTo(1);

        isRegistryAway = false;
        offer(SECOND, 1);
        runAll();

        assertThat(outcomes).hasSize(1);
    }

    @Test
    void givesNothingMoreOnceItEnded() {
        offer(SECOND, 5);

        shadow.end();
        runAll();

        assertThat(outcomes).isEmpty();
        assertThat(shadow.isEmpty()).isTrue();
    }

    private void offer(ServedModel candidate, int rows) {
        for (int row = 0; row < rows; row++) {
            shadow.offer(
                    new Request.Addressed(
                            someTextRequest("id-" + row),
                            SPAM,
                            new InputRecord("requests.text", 0, row, 0, null, new byte[] {1}),
                            Map.of()),
                    candidate);
        }
    }

    private void runAll() {
        while (!thread.isEmpty()) {
            thread.remove().run();
        }
    }
}
