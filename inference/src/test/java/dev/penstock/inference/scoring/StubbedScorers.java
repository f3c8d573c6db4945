package dev.penstock.inference.scoring;

import dev.penstock.inference.Exploration;
import dev.penstock.inference.batching.MicroBatcher;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Clock;

/** Those of a pipeline without a task around them: what is told beside outcomes is left out. */
final class StubbedScorers {
    private StubbedScorers() {}

    static PipelineScoring.Scorers of(
            SchemaRegistry registry, Clock clock, MicroBatcher.Threads threads, Exploration exploration) {
        return new PipelineScoring.Scorers(
                () -> {
                    PredictionWriter writer = new PredictionWriter(registry, new Exploring(exploration));
                    return new BatchScorer(
                            writer, new UnwatchedLane(), clock, new Failures(writer, clock, outcome -> {}));
                },
                threads,
                new ShadowScorer(new PredictionWriter(registry, Exploring.never()), new UnwatchedLane(), clock),
                threads);
    }
}
