package dev.penstock.inference.scoring;

import dev.penstock.flink.records.OutputRecord;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** Makes the alerts of one task, and counts them by their code. */
final class Alerts {
    private final AvroSerializer<Alert> serializer;
    private final Clock clock;
    /** Each from the start: of a counter that begins with one, nobody sees that it rose. */
    private final Map<AlertCode, Counter> raised = new EnumMap<>(AlertCode.class);

    Alerts(AvroSerializer<Alert> serializer, Clock clock, MetricGroup metrics) {
        this.serializer = serializer;
        this.clock = clock;
        for (AlertCode code : List.of(AlertCode.WAITING_FOR_MODEL, AlertCode.VERSION_REFUSED)) {
            raised.put(code, metrics.addGroup("code", code.name()).counter("alerts"));
        }
    }

    OutputRecord waiting(String model, int requests) {
        return alert(
                model,
                null,
                AlertCode.WAITING_FOR_MODEL,
                "%d requests wait and no more are read: model '%s' has no version that serves; publish one"
                        .formatted(requests, model));
    }

    OutputRecord refused(ModelVersion version, String reason) {
        return alert(
                version.getModel(),
                version.getVersion(),
                AlertCode.VERSION_REFUSED,
                "Version %d of model '%s' is refused: %s".formatted(version.getVersion(), version.getModel(), reason));
    }

    /**
     * An announcement that cannot be followed, of a version that is known and used as it was announced before. The alert
     * names no version: whoever acts on refused versions must leave this one alone.
     */
    OutputRecord contradicted(ModelVersion version, String reason) {
        return alert(
                version.getModel(),
                null,
                AlertCode.VERSION_REFUSED,
                "Version %d of model '%s' was announced again, which is left out: %s"
                        .formatted(version.getVersion(), version.getModel(), reason));
    }

    /** A version that reads something else than what its pipelines carry. */
    OutputRecord misplaced(ModelVersion version, Modality carried) {
        return alert(
                version.getModel(),
                version.getVersion(),
                AlertCode.VERSION_REFUSED,
                "Version %d of model '%s' reads %s, but its pipelines carry %s"
                        .formatted(version.getVersion(), version.getModel(), version.getModality(), carried));
    }

    private OutputRecord alert(String model, @Nullable Integer version, AlertCode code, String message) {
        raised.get(code).inc();
        Alert alert = Alert.newBuilder()
                .setModel(model)
                .setModelVersion(version)
                .setCode(code)
                .setMessage(message)
                .setRaisedBy("inference")
                .setRaisedAt(clock.instant())
                .build();
        String topic = Topic.ALERTS.topicName();
        return OutputRecord.of(topic, model, serializer.serialize(topic, alert));
    }
}
