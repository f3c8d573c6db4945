/**
 * The producer library, for applications that write requests themselves instead of letting ingest make them: {@link
 * dev.penstock.ingest.producer.PenstockProducer}.
 */
@NullMarked
package dev.penstock.ingest.producer;

import org.jspecify.annotations.NullMarked;
