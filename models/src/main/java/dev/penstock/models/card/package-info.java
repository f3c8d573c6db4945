/**
 * The model card: everything about a model that its SavedModel does not say. Start with {@link
 * dev.penstock.models.card.ModelCard}.
 */
@NullMarked
package dev.penstock.models.card;

import org.jspecify.annotations.NullMarked;
