/** {@code penstock keys}: with which models are signed, and which are trusted. */
@NullMarked
package dev.penstock.cli.keys;

import org.jspecify.annotations.NullMarked;
