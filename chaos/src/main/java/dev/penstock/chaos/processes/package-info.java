/**
 * Processes that are started, killed, frozen and started again; {@link dev.penstock.chaos.processes.SupervisedProcess}
 * is one of them.
 */
@NullMarked
package dev.penstock.chaos.processes;

import org.jspecify.annotations.NullMarked;
