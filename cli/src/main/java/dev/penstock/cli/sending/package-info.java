/** Files as requests, and what becomes of them: {@link dev.penstock.cli.sending.SendCommand}. */
@NullMarked
package dev.penstock.cli.sending;

import org.jspecify.annotations.NullMarked;
