package dev.penstock.rollout.deciding;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.rollout.decisions.Decisions;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Evaluation;
import dev.penstock.schemas.RolloutEvent;
import dev.penstock.schemas.RolloutState;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericContainer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Makes records of what was decided, and counts alerts by their code. What happened comes before who serves: a command counts as obeyed once both say so, so
 * that one whose state was not written any more is obeyed again.
 */
final class WriteDecisions {
    /** As long as requests: one that is read again is answered by who answered it first. */
    static final Duration STEPS_KEPT = Duration.ofDays(7);

    private final AvroSerializer<RolloutState> states;
    private final AvroSerializer<RolloutEvent> events;
    private final AvroSerializer<Evaluation> evaluations;
    private final AvroSerializer<Alert> alerts;
    /** Each from the start: of a counter that begins with one, nobody sees that it rose. */
    private final Map<AlertCode, Counter> raised = new EnumMap<>(AlertCode.class);

    WriteDecisions(SchemaRegistry registry, MetricGroup metrics) {
        states = new AvroSerializer<>(registry);
        events = new AvroSerializer<>(registry);
        evaluations = new AvroSerializer<>(registry);
        alerts = new AvroSerializer<>(registry);
        for (AlertCode code : List.of(
                AlertCode.VERSION_ROLLED_BACK,
                AlertCode.VERSION_REFUSED,
                AlertCode.SUSPICIOUS_LABELS,
                AlertCode.MISSING_LABELS)) {
            raised.put(code, metrics.addGroup("code", code.name()).counter("alerts"));
        }
    }

    void records(Decisions decisions, Consumer<OutputRecord> out) {
        for (RolloutEvent event : decisions.events()) {
            out.accept(record(Topic.ROLLOUT_HISTORY, event.getModel(), event, events));
        }
        decisions.state().ifPresent(state -> out.accept(record(Topic.ROLLOUTS, state.getModel(), state, states)));
        for (Evaluation evaluation : decisions.evaluations()) {
            String key = evaluation.getModel() + "/" + evaluation.getVersion();
            out.accept(record(Topic.EVALUATIONS, key, evaluation, evaluations));
        }
        for (Alert alert : decisions.alerts()) {
            raised.get(alert.getCode()).inc();
            out.accept(record(Topic.ALERTS, alert.getModel(), alert, alerts));
        }
    }

    private static <T extends GenericContainer> OutputRecord record(
            Topic topic, String key, T value, AvroSerializer<T> serializer) {
        return OutputRecord.of(topic.topicName(), key, serializer.serialize(topic.topicName(), value));
    }
}
