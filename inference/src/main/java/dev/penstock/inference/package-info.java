/**
 * The inference job. {@link dev.penstock.inference.InferenceJob} is the whole graph; {@link
 * dev.penstock.inference.Inference} gives it its ends in Kafka.
 */
@NullMarked
package dev.penstock.inference;

import org.jspecify.annotations.NullMarked;
