/** Dead letters, looked at and sent again: {@link dev.penstock.cli.letters.DeadLettersCommand}. */
@NullMarked
package dev.penstock.cli.letters;

import org.jspecify.annotations.NullMarked;
