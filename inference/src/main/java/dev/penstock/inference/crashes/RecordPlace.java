package dev.penstock.inference.crashes;

/** Where a record lies in Kafka. */
record RecordPlace(String topic, int partition, long offset) {}
