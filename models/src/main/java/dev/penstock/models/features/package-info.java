/**
 * Features of records that look back, computed alike where models serve and where they are trained: {@link
 * dev.penstock.models.features.RollingPlan} says what is needed of a request, {@link
 * dev.penstock.models.features.KeyHistory} is what is kept of one key, and {@link
 * dev.penstock.models.features.RollingMemory} keeps all keys in memory.
 */
@NullMarked
package dev.penstock.models.features;

import org.jspecify.annotations.NullMarked;
