package dev.penstock.inference.batching;

import static dev.penstock.inference.batching.BatchingTask.limits;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.inference.batching.BatchLimits.Order;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rows, pauses, swaps, suspects, barriers and threads in any order, against what a task that scores one row after
 * another would give.
 */
class RandomSchedulesTest {
    private static final int STEPS = 2_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void giveWhatOneRowAfterAnotherWouldGive(long seed) {
        Random random = new Random(seed);
        int rows = 1 + random.nextInt(9);
        int inFlight = 1 + random.nextInt(3);
        Order order = random.nextBoolean() ? Order.KEPT : Order.FREE;
        BatchingTask task = new BatchingTask(limits(rows, inFlight, order));
        List<String> expected = new ArrayList<>();
        int version = 1;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    version++;
                    task.batcher.turn();
                }
                case 1 -> task.pass(Duration.ofNanos(random.nextInt(3_000_000)));
                case 2 -> task.batcher.tick();
                case 3, 4, 5 -> runSomeThread(task, random);
                case 6 -> {
                    task.batcher.flush();
                    while (!task.batcher.isEmpty()) {
                        runSomeThread(task, random);
                    }
                    assertThat(task.outcomes).as("at a barrier").hasSameSizeAs(expected);
                }
                default -> {
                    while (!task.batcher.hasRoom()) {
                        runSomeThread(task, random);
                    }
                    String row = "row-" + step;
                    if (random.nextInt(20) == 0) {
                        task.batcher.addAlone("v" + version, row);
                        expected.add(row + "@v" + version);
                    } else {
                        task.batcher.add("v" + version, row);
                        expected.add(row + "@v" + version);
                    }
                    // One in flight for each scorer, one that is gathered, and one more for each version on its way.
                    assertThat(task.scoring.size()).isLessThanOrEqualTo(inFlight);
                }
            }
        }
        task.batcher.flush();
        task.scoreAll();

        if (order == Order.KEPT) {
            assertThat(task.outcomes).isEqualTo(expected);
        } else {
            assertThat(task.outcomes).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(task.batches).allMatch(batch -> batch.size() <= rows);
    }

    /** As in a trial: rows of two versions come mixed, and who answers whom changes at a turn. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void keepTheOrderOfEachVersionAndOfTurns(long seed) {
        Random random = new Random(seed);
        int inFlight = 1 + random.nextInt(3);
        BatchingTask task = new BatchingTask(limits(1 + random.nextInt(9), inFlight, Order.KEPT));
        List<String> added = new ArrayList<>();
        int turn = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    turn++;
                    task.batcher.turn();
                }
                case 1 -> task.pass(Duration.ofNanos(random.nextInt(3_000_000)));
                case 2 -> task.batcher.tick();
                case 3, 4, 5 -> runSomeThread(task, random);
                default -> {
                    while (!task.batcher.hasRoom()) {
                        runSomeThread(task, random);
                    }
                    String version = random.nextInt(10) == 0 ? "canary" : "champion";
                    String row = "%d %d".formatted(turn, step);
                    task.batcher.add(version, row);
                    added.add(row + "@" + version);
                }
            }
        }
        task.batcher.flush();
        task.scoreAll();

        assertThat(task.outcomes).containsExactlyInAnyOrderElementsOf(added);
        assertThat(task.outcomes).extracting(RandomSchedulesTest::turn).isSorted();
        for (String version : List.of("canary", "champion")) {
            assertThat(task.outcomes.stream()
                            .filter(row -> row.endsWith(version))
                            .toList())
                    .isEqualTo(
                            added.stream().filter(row -> row.endsWith(version)).toList());
        }
    }

    private static int turn(String outcome) {
        return Integer.parseInt(outcome.substring(0, outcome.indexOf(' ')));
    }

    /** One of the threads goes on, not always the first. */
    private static void runSomeThread(BatchingTask task, Random random) {
        if (!task.scoring.isEmpty()) {
            List<Runnable> waiting = new ArrayList<>(task.scoring);
            Runnable chosen = waiting.get(random.nextInt(waiting.size()));
            task.scoring.remove(chosen);
            chosen.run();
        }
        if (random.nextBoolean()) {
            task.runMailbox();
        }
    }
}
