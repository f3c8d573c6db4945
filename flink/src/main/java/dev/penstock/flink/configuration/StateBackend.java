package dev.penstock.flink.configuration;

/** What holds keyed state between checkpoints. */
public enum StateBackend {
    /** On local disk, as large as that: for production. */
    ROCKSDB("rocksdb"),
    /** In the JVM's memory: where there are few keys, or Kafka Streams, which brings a RocksDB of its own. */
    HEAP("hashmap");

    private final String flinkName;

    StateBackend(String flinkName) {
        this.flinkName = flinkName;
    }

    /** Flink's own name for it. */
    public String flinkName() {
        return flinkName;
    }
}
