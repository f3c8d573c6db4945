package dev.penstock.inference;

import dev.penstock.models.LabelledScores;
import dev.penstock.models.Model;
import dev.penstock.models.Scores;
import dev.penstock.models.card.DecisionPolicy;
import dev.penstock.models.card.Limits;
import dev.penstock.models.card.ModelCard;
import dev.penstock.models.card.OutputSpec;
import dev.penstock.models.card.Task;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** A model of {@code ham} and {@code spam} that does as it is told, without TensorFlow. */
public final class StubModel implements Model {
    public static final List<String> LABELS = List.of("ham", "spam");
    /** More than its announcement says. */
    public static final long NATIVE_BYTES = 1_500;

    private final ModelCard card;
    private final Function<Object, Prepared> preparing;
    private final Function<List<Example>, List<Scores>> scoring;
    private boolean closed;

    private StubModel(
            ModelCard card, Function<Object, Prepared> preparing, Function<List<Example>, List<Scores>> scoring) {
        this.card = card;
        this.preparing = preparing;
        this.scoring = scoring;
    }

    /** Gives every payload this score for {@code spam}. */
    public static StubModel scoring(float spam) {
        return scoring(spam, DecisionPolicy.usual());
    }

    public static StubModel scoring(float spam, DecisionPolicy policy) {
        Scores scores = new Scores(new LabelledScores(LABELS, new float[] {1 - spam, spam}), Map.of());
        return answering(scores, policy);
    }

    /** @param preparing sees every payload before it is scored */
    public static StubModel scoring(float spam, Consumer<Object> preparing) {
        StubModel usual = scoring(spam);
        return new StubModel(
                usual.card,
                payload -> {
                    preparing.accept(payload);
                    return ready();
                },
                usual.scoring);
    }

    /** One that nobody asks. */
    public static StubModel of(ModelCard card) {
        return new StubModel(card, payload -> ready(), batch -> List.of());
    }

    public static StubModel answering(Scores scores, DecisionPolicy policy) {
        return new StubModel(card(policy), payload -> ready(), batch -> batch.stream()
                .map(row -> scores)
                .toList());
    }

    /** @param abort called while a batch is scored that holds the text */
    public static StubModel abortingOn(String text, Runnable abort) {
        return reading(
                payload -> payload instanceof TextPayload said && said.getText().equals(text) ? 1f : 0f, numbers -> {
                    if (numbers.contains(1f)) {
                        abort.run();
                    }
                });
    }

    /**
     * @param payloads makes the model's number of a payload
     * @param calls told the numbers of each batch; may throw
     */
    public static StubModel reading(Function<Object, Float> payloads, Consumer<List<Float>> calls) {
        StubModel usual = scoring(0.75f);
        return new StubModel(
                usual.card,
                payload -> new Prepared.Ready(
                        new Example(List.of(new Example.Value.Floats(new float[] {payloads.apply(payload)})))),
                batch -> {
                    calls.accept(batch.stream().map(StubModel::number).toList());
                    return usual.scoring.apply(batch);
                });
    }

    private static float number(Example row) {
        if (row.values().get(0) instanceof Example.Value.Floats floats) {
            return floats.values()[0];
        }
        throw new AssertionError("not a row of this model: " + row);
    }

    public static StubModel rejecting(DeadLetterCode code, String reason) {
        return new StubModel(
                card(DecisionPolicy.usual()), payload -> new Prepared.Rejected(code, reason), batch -> List.of());
    }

    public static StubModel failingToPrepare(RuntimeException failure) {
        return new StubModel(
                card(DecisionPolicy.usual()),
                payload -> {
                    throw failure;
                },
                batch -> List.of());
    }

    public static StubModel failingToScore(RuntimeException failure) {
        return new StubModel(card(DecisionPolicy.usual()), payload -> ready(), batch -> {
            throw failure;
        });
    }

    private static Prepared ready() {
        return new Prepared.Ready(new Example(List.of(new Example.Value.Floats(new float[1]))));
    }

    private static ModelCard card(DecisionPolicy policy) {
        return new ModelCard(
                "spam",
                1,
                "",
                Task.BINARY,
                Modality.TEXT,
                LABELS,
                Optional.empty(),
                Set.of(),
                OptionalInt.empty(),
                List.of(),
                List.of(
                        new OutputSpec("spam", OutputSpec.Kind.PROBABILITIES, LABELS, true, 100),
                        new OutputSpec("tone", OutputSpec.Kind.PROBABILITIES, List.of("calm", "loud"), false, 1)),
                policy,
                Limits.usual(),
                Map.of(),
                Map.of());
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public ModelCard card() {
        return card;
    }

    @Override
    public Prepared prepare(Object payload) {
        requireOpen();
        return preparing.apply(payload);
    }

    @Override
    public List<Scores> score(List<Example> batch) {
        requireOpen();
        return scoring.apply(batch);
    }

    @Override
    public OptionalInt fixedRows() {
        return OptionalInt.empty();
    }

    @Override
    public long nativeBytes() {
        return NATIVE_BYTES;
    }

    @Override
    public void close() {
        if (closed) {
            throw new AssertionError("closed twice");
        }
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new AssertionError("used after it was closed");
        }
    }
}
