package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.inference.batching.Scorer;
import dev.penstock.inference.crashes.InFlightBatch;
import dev.penstock.inference.crashes.Lane;
import dev.penstock.inference.versions.Answerer;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Example;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/**
 * Gives each row of a batch its one outcome: a prediction, or what becomes of a failure. The batch is scored in one call;
 * where that fails, its halves are, and so on down to the rows at fault.
 */
final class BatchScorer implements Scorer<Answerer, Row, OutputRecord> {
    private final PredictionWriter predictions;
    private final Lane lane;
    private final Clock clock;
    private final Failing failing;

    /** What becomes of a row on which a model fails. */
    interface Failing {
        OutputRecord outcome(Answerer answerer, Row row, RuntimeException cause);
    }

    BatchScorer(PredictionWriter predictions, Lane lane, Clock clock, Failing failing) {
        this.predictions = predictions;
        this.lane = lane;
        this.clock = clock;
        this.failing = failing;
    }

    @Override
    public List<OutputRecord> score(Answerer answerer, List<Row> rows) {
        List<OutputRecord> outcomes = new ArrayList<>(rows.size());
        InFlightBatch batch = inFlight(rows);
        boolean isSuspect = rows.get(0).isSuspect();
        lane.begin(batch, isSuspect);
        try {
            if (answerer.instead().isPresent()) {
                scoreAround(answerer, rows, outcomes);
            } else {
                score(answerer, rows, outcomes);
            }
        } finally {
            lane.end(batch, isSuspect);
        }
        return outcomes;
    }

    @Override
    public OptionalInt fixedRows(Answerer answerer) {
        return answerer.served().model().fixedRows();
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

    /** The rows between those that failed already. */
    private void scoreAround(Answerer answerer, List<Row> rows, List<OutputRecord> outcomes) {
        int from = 0;
        for (int at = 0; at < rows.size(); at++) {
            RuntimeException fault = rows.get(at).fault();
            if (fault != null) {
                if (from < at) {
                    score(answerer, rows.subList(from, at), outcomes);
                }
                outcomes.add(failing.outcome(answerer, rows.get(at), fault));
                from = at + 1;
            }
        }
        if (from < rows.size()) {
            score(answerer, rows.subList(from, rows.size()), outcomes);
        }
    }

    private void score(Answerer answerer, List<Row> rows, List<OutputRecord> outcomes) {
        long start = System.nanoTime();
        List<Scores> scores;
        try {
            scores = call(answerer.served().model(), rows);
        } catch (RuntimeException e) {
            if (rows.size() == 1) {
                outcomes.add(failing.outcome(answerer, rows.get(0), e));
                return;
            }
            int half = rows.size() / 2;
            score(answerer, rows.subList(0, half), outcomes);
            score(answerer, rows.subList(half, rows.size()), outcomes);
            return;
        }
        long scoreMicros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
        PredictionWriter.Call call = new PredictionWriter.Call(scoreMicros, clock.instant(), rows.size());
        for (int index = 0; index < rows.size(); index++) {
            outcomes.add(outcome(rows.get(index), answerer, scores.get(index), call));
        }
    }

    /** @throws RuntimeException whatever the model throws, or if it answers something else than what it was asked */
    static List<Scores> call(Model model, List<Row> rows) {
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

    private OutputRecord outcome(Row row, Answerer answerer, Scores scores, PredictionWriter.Call call) {
        ServedModel served = answerer.served();
        try {
            return predictions.write(row.request(), served, row.variant(), scores, row.decodeMicros(), call);
        } catch (KafkaException e) {
            throw e; // The registry's, for which no record is to blame.
        } catch (RuntimeException e) {
            return failing.outcome(answerer, row, e);
        }
    }
}
