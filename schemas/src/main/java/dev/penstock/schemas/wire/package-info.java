/**
 * Avro in the Confluent wire format, spoken with the real Confluent client.
 *
 * <p>{@link dev.penstock.schemas.wire.AvroSerializer} and {@link dev.penstock.schemas.wire.AvroDeserializer} are what
 * applications use; {@link dev.penstock.schemas.wire.SchemaRegistry} is the only class that sees the client.
 */
@NullMarked
package dev.penstock.schemas.wire;

import org.jspecify.annotations.NullMarked;
