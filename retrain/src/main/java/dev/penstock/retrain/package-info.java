/** The Flink job that learns from feedback and publishes new versions of models. */
@NullMarked
package dev.penstock.retrain;

import org.jspecify.annotations.NullMarked;
