/**
 * What commands that measure have in common: how they fail ({@link dev.penstock.measuring.MeasuringCommand}), on what they ran
 * ({@link dev.penstock.measuring.Machine}), and how they say it ({@link dev.penstock.measuring.MarkdownTable}).
 */
@NullMarked
package dev.penstock.measuring;

import org.jspecify.annotations.NullMarked;
