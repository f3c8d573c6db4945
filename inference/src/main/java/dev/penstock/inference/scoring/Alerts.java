package dev.penstock.inference.scoring;

import dev.penstock.inference.records.OutputRecord;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import dev.penstock.schemas.Modality;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Makes the alerts of one task. */
final class Alerts {
    private final AvroSerializer<Alert> serializer;
    private final Clock clock;

    Alerts(AvroSerializer<Alert> serializer, Clock clock) {
        this.serializer = serializer;
        this.clock = clock;
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
