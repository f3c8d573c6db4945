/**
 * Any Avro topic becomes validated, deduplicated requests.
 *
 * <p>Start with {@link dev.penstock.ingest.IngestMain}, or {@link dev.penstock.ingest.Ingest} to run it within another
 * process; the graph is {@link dev.penstock.ingest.topology.IngestTopology}.
 */
@NullMarked
package dev.penstock.ingest;

import org.jspecify.annotations.NullMarked;
