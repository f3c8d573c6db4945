/** The {@code penstock} command. Start with {@link dev.penstock.cli.Main}. */
@NullMarked
package dev.penstock.cli;

import org.jspecify.annotations.NullMarked;
