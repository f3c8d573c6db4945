/** What the job raises of itself: {@link dev.penstock.retrain.alerts.Alerts}. */
@NullMarked
package dev.penstock.retrain.alerts;

import org.jspecify.annotations.NullMarked;
