/**
 * Runs SavedModels, whoever made them. Start with {@link dev.penstock.models.tensorflow.TensorFlowModel}.
 */
@NullMarked
package dev.penstock.models.tensorflow;

import org.jspecify.annotations.NullMarked;
