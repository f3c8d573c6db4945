/** The jobs' ends in Kafka: {@link dev.penstock.flink.kafka.KafkaConnection}. */
@NullMarked
package dev.penstock.flink.kafka;

import org.jspecify.annotations.NullMarked;
