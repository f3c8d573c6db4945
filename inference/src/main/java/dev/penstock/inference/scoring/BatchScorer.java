package dev.penstock.inference.scoring;

import dev.penstock.inference.batching.Scorer;
import dev.penstock.inference.crashes.InFlightBatch;
import dev.penstock.inference.crashes.Lane;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.requests.DeadLetters;
import dev.penstock.inference.requests.Request;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * Gives each row of a batch its one outcome: a prediction or a dead letter. The batch is scored in one call; where
 * that fails, its halves are, and so on down to the rows at fault.
 */
final class BatchScorer implements Scorer<ServedModel, Row, OutputRecord> {
    private final PredictionWriter predictions;
    private final Lane lane;
    private final Clock clock;

    BatchScorer(PredictionWriter predictions, Lane lane, Clock clock) {
        this.predictions = predictions;
        this.lane = lane;
        this.clock = clock;
    }

    @Override
    public List<OutputRecord> score(ServedModel served, List<Row> rows) {
        List<OutputRecord> outcomes = new ArrayList<>(rows.size());
        InFlightBatch batch = inFlight(rows);
        boolean isSuspect = rows.get(0).isSuspect();
        lane.begin(batch, isSuspect);
        try {
            score(served, rows, outcomes);
        } finally {
            lane.end(batch, isSuspect);
        }
        return outcomes;
    }

    @Override
    public OptionalInt fixedRows(ServedModel served) {
        return served.model().fixedRows();
    }

    private static InFlightBatch inFlight(List<Row> rows) {
        return new InFlightBatch() {
            @Override
            public int rows() {
                return rows.size();
            }

            @Override
            public int partition(int row) {
                return rows.get(row).request().record().partition();
            }

            @Override
            public long offset(int row) {
                return rows.get(row).request().record().offset();
            }
        };
    }

    private void score(ServedModel served, List<Row> rows, List<OutputRecord> outcomes) {
        long start = System.nanoTime();
        List<Scores> scores;
        try {
            scores = call(served.model(), rows);
        } catch (RuntimeException e) {
            if (rows.size() == 1) {
                outcomes.add(failed(rows.get(0).request(), e));
                return;
            }
            int half = rows.size() / 2;
            score(served, rows.subList(0, half), outcomes);
            score(served, rows.subList(half, rows.size()), outcomes);
            return;
        }
        long scoreMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        PredictionWriter.Call call = new PredictionWriter.Call(scoreMicros, clock.instant(), rows.size());
        for (int index = 0; index < rows.size(); index++) {
            outcomes.add(outcome(rows.get(index), served, scores.get(index), call));
        }
    }

    private static List<Scores> call(Model model, List<Row> rows) {
        List<Example> examples = new ArrayList<>(rows.size());
        for (Row row : rows) {
            examples.add(row.example());
        }
        List<Scores> scores = model.score(examples);
        if (scores.size() != rows.size()) {
            throw new IllegalStateException(
                    "%d rows were scored and %d answers came".formatted(rows.size(), scores.size()));
        }
        return scores;
    }

    private OutputRecord outcome(Row row, ServedModel served, Scores scores, PredictionWriter.Call call) {
        try {
            long decodeMicros = TimeUnit.NANOSECONDS.toMicros(row.decodeNanos());
            return predictions.write(row.request(), served, scores, decodeMicros, call);
        } catch (KafkaException e) {
            throw e; // The registry's, for which no record is to blame.
        } catch (RuntimeException e) {
            return failed(row.request(), e);
        }
    }

    /** Besides its own failures a model may throw what it should not. The next row may fare better; the job must. */
    private static OutputRecord failed(Request.Addressed request, RuntimeException cause) {
        String reason = cause instanceof ModelFailedException
                ? cause.getMessage()
                : "Cannot score with model '%s': %s"
                        .formatted(request.pipeline().model(), cause);
        return DeadLetters.of(request, DeadLetterCode.MODEL_FAILED, reason, cause);
    }
}
