/** Who serves, and what people want of that: {@link dev.penstock.cli.rollouts.RolloutsCommand}. */
@NullMarked
package dev.penstock.cli.rollouts;

import org.jspecify.annotations.NullMarked;
