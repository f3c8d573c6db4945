/**
 * Requests, decisions and what people say about them, joined: {@link dev.penstock.retrain.labels.JoinLabels} writes {@code
 * labelled-examples}.
 */
@NullMarked
package dev.penstock.retrain.labels;

import org.jspecify.annotations.NullMarked;
