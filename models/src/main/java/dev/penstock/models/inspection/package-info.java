/**
 * Looks at SavedModels before they are used: what they hold, whether they can serve, and what a card for them would
 * say. Start with {@link dev.penstock.models.inspection.SavedModelInspector}.
 */
@NullMarked
package dev.penstock.models.inspection;

import org.jspecify.annotations.NullMarked;
