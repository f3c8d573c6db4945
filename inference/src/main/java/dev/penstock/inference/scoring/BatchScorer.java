package dev.penstock.inference.scoring;

import dev.penstock.inference.records.OutputRecord;
import dev.penstock.inference.versions.ServedModel;
import dev.penstock.models.ModelFailedException;
import dev.penstock.models.Scores;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.deadletter.DeadLetterCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Gives one request its one outcome: a prediction or a dead letter. One task owns it. */
final class RequestScorer {
    private final AvroSerializer<Prediction> serializer;
    private final Clock clock;

    RequestScorer(AvroSerializer<Prediction> serializer, Clock clock) {
        this.serializer = serializer;
        this.clock = clock;
    }

    OutputRecord score(Request.Addressed request, ServedModel served) {
        long start = System.nanoTime();
        Prepared prepared;
        try {
            prepared = served.model().prepare(request.content().getPayload());
        } catch (RuntimeException e) {
            return failed(request, "the payload could not be prepared (%s)".formatted(e), e);
        }
        long decoded = System.nanoTime();
        if (prepared instanceof Prepared.Rejected rejected) {
            return deadLetter(request, rejected.code(), rejected.reason(), null);
        }
        if (!(prepared instanceof Prepared.Ready ready)) {
            throw new IllegalStateException("Cannot score: the model prepared " + prepared);
        }
        Scores scores;
        try {
            scores = served.model().score(List.of(ready.example())).get(0);
        } catch (ModelFailedException e) {
            return deadLetter(request, DeadLetterCode.MODEL_FAILED, e.getMessage(), e);
        } catch (RuntimeException e) {
            return failed(request, e.toString(), e);
        }
        Prediction prediction = Predictions.of(
                request,
                served,
                scores,
                new Predictions.Elapsed(
                        TimeUnit.NANOSECONDS.toMicros(decoded - start),
                        TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - decoded),
                        clock.instant()));
        String topic = Topic.PREDICTIONS.topicName();
        return OutputRecord.of(topic, prediction.getRequestId(), serializer.serialize(topic, prediction));
    }

    /** What a model should not throw: a fault of ours or of its own. The next record may fare better; the job must. */
    private static OutputRecord failed(Request.Addressed request, String reason, RuntimeException cause) {
        return deadLetter(
                request,
                DeadLetterCode.MODEL_FAILED,
                "Cannot score with model '%s': %s".formatted(request.pipeline().model(), reason),
                cause);
    }

    private static OutputRecord deadLetter(
            Request.Addressed request, DeadLetterCode code, String reason, @Nullable Throwable cause) {
        return DeadLetters.of(request.record(), Optional.of(request.content()), code, reason, cause);
    }
}
