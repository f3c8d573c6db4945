/**
 * What Penstock needs around it, inside one JVM: a Kafka broker ({@link dev.penstock.local.EmbeddedBroker}) and a
 * schema registry ({@link dev.penstock.local.EmbeddedRegistry}). Loopback only, for the local platform and for tests.
 */
@NullMarked
package dev.penstock.local;

import org.jspecify.annotations.NullMarked;
