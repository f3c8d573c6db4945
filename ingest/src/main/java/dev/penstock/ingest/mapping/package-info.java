/**
 * Records of any Avro schema become requests: {@link dev.penstock.ingest.mapping.RequestMapper}.
 *
 * <p>Nothing here knows Kafka; what is wrong with a record is a value, {@link dev.penstock.ingest.mapping.Mapped.Rejected}.
 */
@NullMarked
package dev.penstock.ingest.mapping;

import org.jspecify.annotations.NullMarked;
