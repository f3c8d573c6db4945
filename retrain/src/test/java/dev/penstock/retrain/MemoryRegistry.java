package dev.penstock.retrain;

import dev.penstock.flink.records.RegistryConnection;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.util.UUID;

/** A registry of one test's own, in memory. */
public record MemoryRegistry(String scope) implements RegistryConnection {
    public MemoryRegistry() {
        this(UUID.randomUUID().toString());
    }

    @Override
    public SchemaRegistry open() {
        return SchemaRegistry.connect("mock://" + scope);
    }
}
