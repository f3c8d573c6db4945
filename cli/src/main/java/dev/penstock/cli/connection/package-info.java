/** Where the platform is: {@link dev.penstock.cli.connection.Connection}. */
@NullMarked
package dev.penstock.cli.connection;

import org.jspecify.annotations.NullMarked;
