/** What a cluster needs before the platform starts in it: {@link dev.penstock.cli.setup.SetupCommand}. */
@NullMarked
package dev.penstock.cli.setup;

import org.jspecify.annotations.NullMarked;
