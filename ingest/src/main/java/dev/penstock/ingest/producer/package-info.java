/**
 * The producer library, for applications that write requests themselves instead of letting ingest make them,
 * and that report what requests turned out to be: {@link
 * dev.penstock.ingest.producer.PenstockProducer}.
 */
@NullMarked
package dev.penstock.ingest.producer;

import org.jspecify.annotations.NullMarked;
