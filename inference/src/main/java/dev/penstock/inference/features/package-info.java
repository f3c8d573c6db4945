/**
 * Rolling features in Flink's keyed state: {@link dev.penstock.inference.features.RollingFeatures} is the part of the
 * graph between a requests topic and a scoring task, {@link dev.penstock.inference.features.FeatureRequest} what travels
 * through it.
 */
@NullMarked
package dev.penstock.inference.features;

import org.jspecify.annotations.NullMarked;
