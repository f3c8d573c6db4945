/** Who may do what at the brokers: {@link dev.penstock.cli.access.AccessCommand}. */
@NullMarked
package dev.penstock.cli.access;

import org.jspecify.annotations.NullMarked;
