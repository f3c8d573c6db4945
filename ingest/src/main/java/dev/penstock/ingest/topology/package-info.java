/**
 * The Kafka Streams graph from source topics to requests and dead letters: {@link
 * dev.penstock.ingest.topology.IngestTopology}.
 */
@NullMarked
package dev.penstock.ingest.topology;

import org.jspecify.annotations.NullMarked;
