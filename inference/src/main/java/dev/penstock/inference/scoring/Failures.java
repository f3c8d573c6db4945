package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What becomes of a served request on which a model fails. Where a canary does, the champion answers, and the canary's
 * failure is told beside; a request that the champion cannot answer either is a dead letter, and nobody's failure but its
 * own. For one thread at a time.
 */
final class Failures implements BatchScorer.Failing {
    private final PredictionWriter predictions;
    private final Clock clock;
    private final Consumer<OutputRecord> beside;

    /** @param beside takes what is told beside the outcome, on this thread */
    Failures(PredictionWriter predictions, Clock clock, Consumer<OutputRecord> beside) {
        this.predictions = predictions;
        this.clock = clock;
        this.beside = beside;
    }

    @Override
    public OutputRecord outcome(Answerer answerer, Row row, RuntimeException cause) {
        Request.Addressed request = row.request();
        if (answerer.instead().isEmpty()) {
            return deadLetter(request, cause);
        }
        ServedModel champion = answerer.instead().get();
        long start = System.nanoTime();
        Prepared prepared;
        Scores scores;
        long decodeNanos;
        try {
            prepared = champion.model().prepare(request.content().getPayload());
            decodeNanos = System.nanoTime() - start;
            if (prepared instanceof Prepared.Rejected rejected) {
                return DeadLetters.of(request, rejected.code(), rejected.reason(), null);
            } else if (prepared instanceof Prepared.Ready ready) {
                Row again = new Row(request, Variant.CHAMPION, ready.example(), decodeNanos, row.isSuspect());
                scores = BatchScorer.call(champion.model(), List.of(again)).get(0);
            } else {
                throw new IllegalStateException("the model prepared " + prepared);
            }
        } catch (RuntimeException e) {
            return deadLetter(request, e);
        }
        long decodeMicros = TimeUnit.NANOSECONDS.toMicros(decodeNanos);
        long scoreMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start) - decodeMicros;
        PredictionWriter.Call call = new PredictionWriter.Call(scoreMicros, clock.instant(), 1);
        beside.accept(predictions.writeFailure(
                request, answerer.served(), row.variant(), reason(request, cause), row.decodeMicros(), call));
        return predictions.write(request, champion, Variant.CHAMPION, scores, decodeMicros, call);
    }

    /** What a version on trial rejects is its failure, if another can use it. */
    static RuntimeException unusable(Prepared.Rejected rejected) {
        return new ModelFailedException(
                rejected.reason(), new IllegalArgumentException(rejected.code().name()));
    }

    private static OutputRecord deadLetter(Request.Addressed request, RuntimeException cause) {
        return DeadLetters.of(request, DeadLetterCode.MODEL_FAILED, reason(request, cause), cause);
    }

    /** Besides its own failures a model may throw what it should not. The next row may fare better; the job must. */
    static String reason(Request.Addressed request, Throwable cause) {
        return cause instanceof ModelFailedException && cause.getMessage() != null
                ? cause.getMessage()
                : "Cannot score with model '%s': %s"
                        .formatted(request.pipeline().model(), cause);
    }
}
