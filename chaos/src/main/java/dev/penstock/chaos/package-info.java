/**
 * The whole platform as processes that are killed while events flow. {@link dev.penstock.chaos.Main} is the command.
 */
@NullMarked
package dev.penstock.chaos;

import org.jspecify.annotations.NullMarked;
