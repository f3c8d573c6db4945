/** What commands print: {@link dev.penstock.cli.output.Output}. */
@NullMarked
package dev.penstock.cli.output;

import org.jspecify.annotations.NullMarked;
