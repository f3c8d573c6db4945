package dev.penstock.flink.records;

import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.Serializable;

/** Opens the schema registry where an operator runs; the client itself cannot be shipped. */
public interface RegistryConnection extends Serializable {
    SchemaRegistry open();
}
