package dev.penstock.rollout.drift;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.ModelVersion;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.MalformedRecordException;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the references out of announcements. An announcement that cannot be read is somebody else's to complain about; one
 * whose reference cannot is treated as if it had none.
 */
public final class ReadReferences extends ProcessFunction<InputRecord, Sketched> {
    private static final Logger LOG = LoggerFactory.getLogger(ReadReferences.class);

    private final Set<String> models;
    private final RegistryConnection registry;
    private transient AvroDeserializer<ModelVersion> deserializer;

    /** @param models that pipelines ask; others are left out */
    public ReadReferences(Set<String> models, RegistryConnection registry) {
        this.models = Set.copyOf(models);
        this.registry = registry;
    }

    @Override
    public void open(OpenContext context) {
        deserializer = AvroDeserializer.of(registry.open(), ModelVersion.class);
    }

    @Override
    public void processElement(InputRecord record, Context context, Collector<Sketched> out) {
        ModelVersion version;
        try {
            version = deserializer.deserialize(record.topic(), record.value());
        } catch (MalformedRecordException | UnknownSchemaException e) {
            LOG.debug("Left to who decodes announcements", e);
            return;
        }
        if (version == null || version.getReference() == null || !models.contains(version.getModel())) {
            return;
        }
        try {
            out.collect(Distributions.of(version.getReference()).sketched(version.getModel(), version.getVersion()));
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "Version {} of model '{}' is watched without its reference: {}",
                    version.getVersion(),
                    version.getModel(),
                    e.getMessage());
        }
    }
}
