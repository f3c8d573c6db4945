package dev.penstock.inference.batching;

import static dev.penstock.inference.batching.BatchingTask.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.inference.batching.BatchLimits.Order;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MicroBatcherTest {
    private final BatchingTask task = new BatchingTask(limits(3, 2, Order.KEPT));

    @Test
    void aRowOnAnIdleStreamIsScoredAtOnce() {
        task.addAlone("v1", "a");

        assertThat(task.reasons).containsExactly(ClosingReason.DRY);
        task.scoreAll();
        assertThat(task.outcomes).containsExactly("a@v1");
    }

    @Test
    void rowsThatComeWhileOneIsScoredShareABatchOnceItIsFull() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        task.add("v1", "c");
        assertThat(task.scoring).hasSize(1);
        task.add("v1", "d");

        assertThat(task.reasons).containsExactly(ClosingReason.DRY, ClosingReason.SIZE);
        task.scoreAll();
        assertThat(task.batches).containsExactly(List.of("a"), List.of("b", "c", "d"));
    }

    @Test
    void rowsGoWhenNoFurtherOneComes() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        task.pass(Duration.ofNanos(MicroBatcher.QUIET_NANOS));

        task.batcher.tick();

        assertThat(task.reasons).containsExactly(ClosingReason.DRY, ClosingReason.DRY);
    }

    @Test
    void rowsGoWhenTheFirstOfThemHasWaitedLongEnough() {
        BatchingTask wide = new BatchingTask(limits(1_000, 2, Order.KEPT));
        wide.addAlone("v1", "first");
        for (int row = 0; row < 40; row++) {
            wide.add("v1", "row-" + row);
            wide.pass(Duration.ofNanos(MicroBatcher.QUIET_NANOS / 2));
            wide.batcher.tick();
        }

        assertThat(wide.reasons).containsExactly(ClosingReason.DRY, ClosingReason.AGE);
    }

    @Test
    void noCallOfAFullBatchHasToBeFilledUp() {
        BatchingTask fixed = new BatchingTask(limits(10, 2, Order.KEPT));
        fixed.fixedRows = 4;
        fixed.addAlone("v1", "alone");
        for (int row = 0; row < 13; row++) {
            fixed.add("v1", "row-" + row);
        }
        fixed.batcher.flush();
        fixed.scoreAll();

        assertThat(fixed.batches).extracting(List::size).containsExactly(1, 8, 5);
        assertThat(fixed.paddings).containsExactly(3, 0, 3);
    }

    @Test
    void aBatchHasNoMoreRowsThanItMayEvenIfItsCallsHave() {
        BatchingTask fixed = new BatchingTask(limits(3, 2, Order.KEPT));
        fixed.fixedRows = 8;
        fixed.addAlone("v1", "alone");
        for (int row = 0; row < 3; row++) {
            fixed.add("v1", "row-" + row);
        }
        fixed.scoreAll();

        assertThat(fixed.batches).extracting(List::size).containsExactly(1, 3);
        assertThat(fixed.paddings).containsExactly(7, 5);
    }

    @Test
    void aBatchHoldsOneVersion() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        task.add("v2", "c");
        task.batcher.flush();
        task.scoreAll();

        assertThat(task.batches).containsExactly(List.of("a"), List.of("b"), List.of("c"));
        assertThat(task.reasons).containsExactly(ClosingReason.DRY, ClosingReason.FLUSH, ClosingReason.FLUSH);
        assertThat(task.outcomes).containsExactly("a@v1", "b@v1", "c@v2");
    }

    @Test
    void aVersionThatIsAskedSeldomDoesNotCutShortTheBatchesOfAnother() {
        BatchingTask wide = new BatchingTask(limits(50, 2, Order.KEPT));
        wide.addAlone("v1", "alone");
        for (int row = 0; row < 100; row++) {
            wide.add(row % 10 == 0 ? "v2" : "v1", "row-" + row);
        }
        wide.batcher.flush();
        wide.scoreAll();

        assertThat(wide.batches).extracting(List::size).containsExactly(1, 50, 10, 40);
    }

    /** Else it would wait until it had filled a batch of its own, or for the next checkpoint. */
    @Test
    void aVersionThatIsAskedSeldomHasItsTurnBesideOneThatFillsEveryBatch() {
        List.of("a", "b", "c", "d").forEach(row -> task.add("v1", row));
        task.add("v2", "seldom");
        task.pass(Duration.ofNanos(1));
        List.of("e", "f", "g").forEach(row -> task.add("v1", row));
        task.pass(Duration.ofMillis(2));
        assertThat(task.batcher.hasRoom()).isFalse();

        task.scoreNext();

        assertThat(task.reasons).last().isEqualTo(ClosingReason.AGE);
        task.scoreAll();
        assertThat(task.outcomes).contains("seldom@v2").hasSize(8);
    }

    @Test
    void aSlowVersionHoldsUpNoOther() {
        task.addAlone("v1", "slow");
        task.addAlone("v2", "a");
        task.batcher.flush();
        Runnable slow = task.scoring.remove();

        task.scoreAll();

        assertThat(task.outcomes).containsExactly("a@v2");
        slow.run();
        task.runMailbox();
        assertThat(task.outcomes).containsExactly("a@v2", "slow@v1");
    }

    @Test
    void whatWasAddedBeforeATurnLeavesBeforeWhatIsAddedAfterIt() {
        task.addAlone("v1", "before");
        task.batcher.turn();
        task.addAlone("v2", "after");
        task.batcher.flush();
        Runnable slow = task.scoring.remove();

        task.scoreAll();

        assertThat(task.outcomes).isEmpty();
        slow.run();
        task.runMailbox();
        assertThat(task.outcomes).containsExactly("before@v1", "after@v2");
    }

    @Test
    void thereIsNoRoomBeyondABatchThatIsGatheredAndThoseInFlight() {
        for (int row = 0; row < 1 + 3; row++) {
            task.add("v1", "row-" + row);
        }
        assertThat(task.batcher.inFlight()).isEqualTo(2);
        for (int row = 0; row < 3; row++) {
            assertThat(task.batcher.hasRoom()).isTrue();
            task.add("v1", "more-" + row);
        }

        assertThat(task.batcher.hasRoom()).isFalse();
        task.scoreNext();
        assertThat(task.batcher.hasRoom()).isTrue();
    }

    @Test
    void outcomesKeepTheOrderOfTheirRowsWhicheverBatchIsDoneFirst() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        task.batcher.flush();
        Runnable first = task.scoring.remove();

        task.scoreNext();
        assertThat(task.outcomes).isEmpty();
        first.run();
        task.runMailbox();

        assertThat(task.outcomes).containsExactly("a@v1", "b@v1");
    }

    @Test
    void outcomesLeaveAsBatchesAreDoneWhereOrderIsFree() {
        BatchingTask free = new BatchingTask(limits(3, 2, Order.FREE));
        free.addAlone("v1", "a");
        free.add("v1", "b");
        free.batcher.flush();
        Runnable first = free.scoring.remove();

        free.scoreNext();
        assertThat(free.outcomes).containsExactly("b@v1");
        first.run();
        free.runMailbox();

        assertThat(free.outcomes).containsExactly("b@v1", "a@v1");
    }

    @Test
    void aSuspectSharesItsBatchWithNobody() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        task.batcher.addAlone("v1", "suspect");
        task.add("v1", "c");
        task.batcher.flush();
        task.scoreAll();

        assertThat(task.batches).containsExactly(List.of("a"), List.of("b"), List.of("suspect"), List.of("c"));
        assertThat(task.outcomes).containsExactly("a@v1", "b@v1", "suspect@v1", "c@v1");
    }

    @Test
    void nothingIsHereOnceEverythingIsAnswered() {
        task.addAlone("v1", "a");
        task.add("v1", "b");
        assertThat(task.batcher.isEmpty()).isFalse();
        assertThat(task.batcher.holds("v1"::equals)).isTrue();

        task.batcher.flush();
        task.scoreAll();

        assertThat(task.batcher.isEmpty()).isTrue();
        assertThat(task.batcher.holds("v1"::equals)).isFalse();
        assertThat(task.batcher.nextTick()).isNegative();
    }

    @Test
    void aStreamThatFillsItsBatchesIsNotDisturbedBeforeTheirAge() {
        for (int row = 0; row < 1 + 3 + 1; row++) {
            task.add("v1", "row-" + row);
        }
        task.scoreAll();
        assertThat(task.reasons).endsWith(ClosingReason.SIZE);

        assertThat(task.batcher.nextTick()).isEqualTo(Duration.ofMillis(2).toNanos());
    }

    @Test
    void whatAScorerThrowsFailsTheTask() {
        MicroBatcher<String, String, String> batcher = new MicroBatcher<>(
                limits(3, 1, Order.KEPT),
                List.of((version, rows) -> {
                    throw new OutOfMemoryError("of a batch's size");
                }),
                new MicroBatcher.Threads(Runnable::run, task.mailbox::add),
                System::nanoTime,
                new BatchListener() {
                    @Override
                    public void started(ClosingReason reason, int rows, int padding, long waitedNanos) {}

                    @Override
                    public void scored(int rows, long scoredNanos) {}

                    @Override
                    public void emitted(int rows, long emittedNanos) {}
                },
                outcome -> {});
        batcher.add("v1", "a");

        assertThatThrownBy(task::runMailbox).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anAdaptiveSizeGrowsWhileBatchesMeetTheTargetAndShrinksWhenOneDoesNot() {
        BatchSizer sizer =
                BatchSizer.of(new BatchLimits(64, Duration.ofMillis(2), 1, Order.KEPT, Duration.ofMillis(10)));
        long fast = Duration.ofMillis(5).toNanos();
        assertThat(sizer.rows()).isEqualTo(4);

        sizer.scored(true, fast);
        sizer.scored(true, fast);
        assertThat(sizer.rows()).isEqualTo(12);
        sizer.scored(false, fast);
        assertThat(sizer.rows()).isEqualTo(12);
        sizer.scored(true, Duration.ofMillis(11).toNanos());
        assertThat(sizer.rows()).isEqualTo(10);
        for (int batch = 0; batch < 100; batch++) {
            sizer.scored(true, fast);
        }
        assertThat(sizer.rows()).isEqualTo(64);
        for (int batch = 0; batch < 100; batch++) {
            sizer.scored(true, Duration.ofMillis(11).toNanos());
        }
        assertThat(sizer.rows()).isEqualTo(1);
    }

    @Test
    void anAdaptiveSizeFindsTheSizeThatMeetsTheTarget() {
        // A call takes 1 ms and 0.1 ms a row: 90 rows take 10 ms.
        BatchSizer sizer =
                BatchSizer.of(new BatchLimits(512, Duration.ofMillis(2), 1, Order.KEPT, Duration.ofMillis(10)));
        for (int batch = 0; batch < 200; batch++) {
            sizer.scored(
                    true,
                    Duration.ofMillis(1).plusNanos(100_000L * sizer.rows()).toNanos());
        }

        assertThat(sizer.rows()).isBetween(78, 94);
    }
}
