package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.batching.Scorer;
import dev.penstock.inference.crashes.Lane;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.Variant;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * What a version on trial would have answered, among the answers that nobody acts on. Whatever it does on a request, even
 * what would end a task, is its failure there: an abstention that says so. For one thread at a time.
 */
final class ShadowScorer implements Scorer<ServedModel, Request.Addressed, OutputRecord> {
    private final PredictionWriter predictions;
    private final BatchScorer scorer;
    private final Clock clock;

    ShadowScorer(PredictionWriter predictions, Lane lane, Clock clock) {
        this.predictions = predictions;
        this.clock = clock;
        this.scorer = new BatchScorer(
                predictions,
                lane,
                clock,
                (answerer, row, cause) -> failed(answerer.served(), row.request(), cause, row.decodeMicros()));
    }

    /** @throws KafkaException if the registry does not answer */
    @Override
    public List<OutputRecord> score(ServedModel candidate, List<Request.Addressed> requests) {
        List<OutputRecord> outcomes = new ArrayList<>(requests.size());
        List<Row> rows = new ArrayList<>(requests.size());
        for (Request.Addressed request : requests) {
            long start = System.nanoTime();
            try {
                Prepared prepared = candidate.model().prepare(request.content().getPayload());
                long nanos = System.nanoTime() - start;
                if (prepared instanceof Prepared.Ready ready) {
                    rows.add(new Row(request, Variant.SHADOW, ready.example(), nanos, false));
                } else if (prepared instanceof Prepared.Rejected rejected) {
                    // The champion could use it.
                    outcomes.add(failed(candidate, request, Failures.unusable(rejected), micros(nanos)));
                } else {
                    throw new IllegalStateException("the model prepared " + prepared);
                }
            } catch (KafkaException e) {
                throw e;
            } catch (RuntimeException | Error e) {
                outcomes.add(failed(candidate, request, e, micros(System.nanoTime() - start)));
            }
        }
        if (!rows.isEmpty()) {
            outcomes.addAll(scoreRows(candidate, rows));
        }
        return outcomes;
    }

    private List<OutputRecord> scoreRows(ServedModel candidate, List<Row> rows) {
        try {
            return scorer.score(Answerer.alone(candidate), rows);
        } catch (KafkaException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // Not even if it needs more memory than there is, which is free again now.
            return rows.stream()
                    .map(row -> failed(candidate, row.request(), e, row.decodeMicros()))
                    .toList();
        }
    }

    private OutputRecord failed(ServedModel candidate, Request.Addressed request, Throwable cause, long decodeMicros) {
        return predictions.writeFailure(
                request,
                candidate,
                Variant.SHADOW,
                Failures.reason(request, cause),
                decodeMicros,
                new PredictionWriter.Call(0, clock.instant(), 1));
    }

    private static long micros(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos);
    }
}
