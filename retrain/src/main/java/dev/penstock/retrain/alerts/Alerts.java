package dev.penstock.retrain.alerts;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** Makes the alerts of one task, and counts them by their code. */
public final class Alerts {
    private static final String COMPONENT = "retrain";

    private final AvroSerializer<Alert> serializer;
    /** Each from the start: of a counter that begins with one, nobody sees that it rose. */
    private final Map<AlertCode, Counter> raised = new EnumMap<>(AlertCode.class);

    /** @param codes that the task may raise */
    public Alerts(SchemaRegistry registry, MetricGroup metrics, List<AlertCode> codes) {
        this.serializer = new AvroSerializer<>(registry);
        for (AlertCode code : codes) {
            raised.put(code, metrics.addGroup("code", code.name()).counter("alerts"));
        }
    }

    /** @param version it is about, if it is about one */
    public OutputRecord alert(String model, @Nullable Integer version, AlertCode code, String message, Instant at) {
        raised.get(code).inc();
        Alert alert = Alert.newBuilder()
                .setModel(model)
                .setModelVersion(version)
                .setCode(code)
                .setMessage(message)
                .setRaisedBy(COMPONENT)
                .setRaisedAt(at)
                .build();
        String topic = Topic.ALERTS.topicName();
        return OutputRecord.of(topic, model, serializer.serialize(topic, alert));
    }
}
