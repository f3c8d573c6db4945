/** Any topic, readable: {@link dev.penstock.cli.watching.WatchCommand}. */
@NullMarked
package dev.penstock.cli.watching;

import org.jspecify.annotations.NullMarked;
