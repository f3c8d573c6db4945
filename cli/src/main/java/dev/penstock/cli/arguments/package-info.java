/** Kinds of values that several commands take: {@link dev.penstock.cli.arguments.DurationText}. */
@NullMarked
package dev.penstock.cli.arguments;

import org.jspecify.annotations.NullMarked;
