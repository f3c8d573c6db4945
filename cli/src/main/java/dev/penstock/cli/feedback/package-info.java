/** {@code penstock feedback}: says what a request really was. */
@NullMarked
package dev.penstock.cli.feedback;

import org.jspecify.annotations.NullMarked;
