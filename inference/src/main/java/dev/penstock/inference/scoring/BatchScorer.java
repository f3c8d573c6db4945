package dev.penstock.inference.scoring;

import dev.penstock.inference.batching.Scorer;
import dev.penstock.inference.crashes.InFlightBatch;
import dev.penstock.inference.crashes.Lane;
import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.Model;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gives each row of a batch its one outcome: a prediction or a dead letter. The batch is scored in one call; where
 * that fails, its halves are, and so on down to the rows at fault.
 */
final class BatchScorer implements Scorer<ServedModel, Row, OutputRecord> {
    private final AvroSerializer<Prediction> serializer;
    private final Lane lane;
    private final Clock clock;
    private final PredictionIds ids = new PredictionIds();

    BatchScorer(AvroSerializer<Prediction> serializer, Lane lane, Clock clock) {
        this.serializer = serializer;
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
        Instant scoredAt = clock.instant();
        for (int index = 0; index < rows.size(); index++) {
            Row row = rows.get(index);
            long decodeMicros = TimeUnit.NANOSECONDS.toMicros(row.decodeNanos());
            Predictions.Call call = new Predictions.Call(decodeMicros, scoreMicros, scoredAt, rows.size());
            outcomes.add(outcome(row.request(), served, scores.get(index), call));
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

    private OutputRecord outcome(Request.Addressed request, ServedModel served, Scores scores, Predictions.Call call) {
        Prediction prediction;
        try {
            prediction = Predictions.of(request, served, scores, call, ids);
        } catch (RuntimeException e) {
            return failed(request, e);
        }
        String topic = Topic.PREDICTIONS.topicName();
        return OutputRecord.of(topic, prediction.getRequestId(), serializer.serialize(topic, prediction));
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
