package dev.penstock.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One pipeline's figures, as JSON has them.
 *
 * @param distinct how many different inputs the good events had
 * @param accuracy share of right decisions among those whose truth is known
 * @param auc only where one label is rare
 * @param missing ids without an outcome
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record PipelineReport(
        String name,
        String modality,
        int sent,
        int predicted,
        int deadLettered,
        long duplicatesDropped,
        int abstained,
        int distinct,
        @Nullable Double accuracy,
        @Nullable Double auc,
        @Nullable Long positives,
        LatencyMillis latencyMillis,
        int modelVersion,
        Map<String, Integer> deadLettersByCode,
        List<String> missing,
        boolean balanced) {

    /** From an event's sending to its prediction's writing. */
    record LatencyMillis(@Nullable Double p50, @Nullable Double p99) {
        static LatencyMillis of(Tally tally) {
            return new LatencyMillis(orNull(tally.latency(0.50)), orNull(tally.latency(0.99)));
        }
    }

    static PipelineReport of(DemoPipeline pipeline, long duplicatesDropped) {
        Tally tally = pipeline.ledger().tally();
        List<String> missing = pipeline.ledger().missing();
        OptionalDouble auc = pipeline.rareLabel().isPresent()
                ? tally.auc(pipeline.rareLabel().get())
                : OptionalDouble.empty();
        boolean balanced = missing.isEmpty()
                && tally.doubled() == 0
                && tally.sent() == tally.predicted() + tally.deadLettered() + duplicatesDropped;
        return new PipelineReport(
                pipeline.name(),
                pipeline.modality().name().toLowerCase(Locale.ROOT),
                tally.sent(),
                tally.predicted(),
                tally.deadLettered(),
                duplicatesDropped,
                tally.abstained(),
                pipeline.distinct(),
                orNull(tally.accuracy()),
                orNull(auc),
                pipeline.rareLabel().map(tally::truly).orElse(null),
                LatencyMillis.of(tally),
                tally.modelVersion(),
                tally.codes(),
                missing,
                balanced);
    }

    static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? Math.round(value.getAsDouble() * 10_000) / 10_000.0 : null;
    }
}
