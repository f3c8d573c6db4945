/** Everything in one process: {@link dev.penstock.cli.platform.LocalPlatform}. */
@NullMarked
package dev.penstock.cli.platform;

import org.jspecify.annotations.NullMarked;
