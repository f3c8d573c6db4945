package dev.penstock.ingest.topology;

import dev.penstock.schemas.deadletter.DeadLetterCode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.StreamsMetrics;

/**
 * Counts what becomes of events, for {@link IngestCounters} and among Kafka Streams' own metrics: group {@code
 * stream-ingest-metrics}, a rate and a total of each outcome, the pipeline as tag {@code ingest-id}. One per task.
 */
final class Outcomes {
    private final IngestCounters counters;
    private final StreamsMetrics metrics;
    /** By pipeline and outcome. */
    private final Map<String, Map<String, Sensor>> sensors = new HashMap<>();

    Outcomes(IngestCounters counters, StreamsMetrics metrics) {
        this.counters = counters;
        this.metrics = metrics;
    }

    void accepted(String pipeline) {
        counters.accepted(pipeline);
        record(pipeline, "accepted");
    }

    void duplicate(String pipeline) {
        counters.duplicate(pipeline);
        record(pipeline, "duplicates-dropped");
    }

    void rejected(String pipeline, DeadLetterCode code) {
        counters.rejected(pipeline, code);
        record(pipeline, "rejected-" + code.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    private void record(String pipeline, String outcome) {
        sensors.computeIfAbsent(pipeline, first -> new HashMap<>())
                .computeIfAbsent(
                        outcome,
                        first -> metrics.addRateTotalSensor("ingest", pipeline, outcome, Sensor.RecordingLevel.INFO))
                .record();
    }
}
