/** The broker and its topics: {@link dev.penstock.bench.kafka.Platform}. */
@NullMarked
package dev.penstock.bench.kafka;

import org.jspecify.annotations.NullMarked;
