package dev.penstock.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.VectorPayload;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Model} promises. Whoever implements one extends this. */
public abstract class ModelContractTest {
    /** Room for what differs between a batch and a row alone: kernels add up in another order. */
    private static final float ROUNDING = 1e-5f;

    private Model model;

    /** A fresh model; it is closed after the test. */
    protected abstract Model open() throws Exception;

    /** A payload that it scores. */
    protected abstract Object payload();

    /** Another one, with other scores. */
    protected abstract Object differentPayload();

    @BeforeEach
    void openModel() throws Exception {
        model = open();
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    @Test
    void preparesPayloadsOfItsKind() {
        Prepared prepared = model.prepare(payload());

        assertThat(prepared).isInstanceOf(Prepared.Ready.class);
        assertThat(((Prepared.Ready) prepared).example().values())
                .hasSameSizeAs(model.card().inputs());
    }

    @Test
    void rejectsOtherPayloadsAndDoesNotThrow() {
        VectorPayload empty = new VectorPayload(ByteBuffer.allocate(0));

        assertThat(model.prepare(empty)).isInstanceOf(Prepared.Rejected.class);
        assertThat(model.prepare("no payload at all")).isInstanceOf(Prepared.Rejected.class);
    }

    @Test
    void answersRowsInTheOrderTheyAreAsked() {
        Example first = prepared(payload());
        Example second = prepared(differentPayload());

        List<Scores> scores = model.score(List.of(first, second, second, first));

        assertThat(scores).hasSize(4);
        assertSame(scores.get(3), scores.get(0));
        assertSame(scores.get(2), scores.get(1));
        assertThat(difference(scores.get(0), scores.get(1))).isGreaterThan(ROUNDING);
    }

    @Test
    void scoresOfARowDoNotDependOnItsBatch() {
        Example asked = prepared(payload());
        Scores alone = model.score(List.of(asked)).get(0);

        for (int others : new int[] {1, 6, 32, 2}) {
            List<Example> batch = new ArrayList<>(Collections.nCopies(others, prepared(differentPayload())));
            batch.add(others / 2, asked);

            assertSame(model.score(batch).get(others / 2), alone);
        }
    }

    @Test
    void threadsThatAskAtTheSameTimeGetTheirOwnAnswers() throws Exception {
        List<Example> asked = List.of(prepared(payload()), prepared(differentPayload()));
        List<Scores> alone =
                asked.stream().map(row -> model.score(List.of(row)).get(0)).toList();
        ExecutorService threads = Executors.newFixedThreadPool(4);

        List<Callable<List<Scores>>> calls = new ArrayList<>();
        for (int call = 0; call < 200; call++) {
            List<Example> batch = Collections.nCopies(1 + call % 7, asked.get(call % 2));
            calls.add(() -> model.score(batch));
        }
        List<Future<List<Scores>>> answers = threads.invokeAll(calls);
        threads.shutdown();

        for (int call = 0; call < answers.size(); call++) {
            for (Scores scores : answers.get(call).get()) {
                assertSame(scores, alone.get(call % 2));
            }
        }
    }

    @Test
    void namesScoresAsTheCardDoes() {
        Scores scores = model.score(List.of(prepared(payload()))).get(0);

        assertThat(scores.deciding().labels()).isEqualTo(model.card().labels());
        assertThat(scores.further().keySet())
                .containsExactlyInAnyOrderElementsOf(model.card().outputs().stream()
                        .filter(output -> !output.deciding())
                        .map(OutputSpec::name)
                        .toList());
    }

    @Test
    void givesProbabilities() {
        LabelledScores scores = model.score(List.of(prepared(payload()))).get(0).deciding();

        float sum = 0;
        for (int label = 0; label < scores.labels().size(); label++) {
            assertThat(scores.score(label)).isBetween(0f, 1f);
            sum += scores.score(label);
        }
        if (model.card().task() != Task.MULTILABEL) {
            assertThat(sum).isCloseTo(1f, within(1e-3f));
        }
    }

    @Test
    void countsTheMemoryThatItHolds() {
        model.score(List.of(prepared(payload())));
        long afterOne = model.nativeBytes();

        model.score(Collections.nCopies(64, prepared(payload())));

        assertThat(afterOne).isPositive();
        assertThat(model.nativeBytes()).isBetween(afterOne, afterOne + 64L * 1024 * 1024);
    }

    @Test
    void refusesAnEmptyBatch() {
        assertThatThrownBy(() -> model.score(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsItsAnswersValidWhenItIsClosed() {
        Scores scores = model.score(List.of(prepared(payload()))).get(0);
        Scores copy = new Scores(scores.deciding(), scores.further());

        model.close();

        assertThat(scores).isEqualTo(copy);
        assertThat(scores.deciding().allFinite()).isTrue();
    }

    @Test
    void saysSoWhenItIsAskedAfterClosing() {
        Example example = prepared(payload());
        model.close();

        assertThatThrownBy(() -> model.score(List.of(example)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(model.card().name());
    }

    @Test
    void canBeClosedTwice() {
        model.close();

        assertThatCode(model::close).doesNotThrowAnyException();
    }

    private Example prepared(Object payload) {
        return ((Prepared.Ready) model.prepare(payload)).example();
    }

    private static void assertSame(Scores actual, Scores expected) {
        assertThat(difference(actual, expected)).isLessThan(ROUNDING);
    }

    private static double difference(Scores left, Scores right) {
        return IntStream.range(0, left.deciding().labels().size())
                .mapToDouble(label ->
                        Math.abs(left.deciding().score(label) - right.deciding().score(label)))
                .max()
                .orElseThrow();
    }
}
