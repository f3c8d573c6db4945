/**
 * What is done to the platform, when ({@link dev.penstock.chaos.faults.Schedule}) and how ({@link
 * dev.penstock.chaos.faults.Injector}).
 */
@NullMarked
package dev.penstock.chaos.faults;

import org.jspecify.annotations.NullMarked;
