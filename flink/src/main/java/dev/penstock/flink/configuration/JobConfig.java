package dev.penstock.flink.configuration;

import dev.penstock.flink.kafka.KafkaConnection;
import java.util.Map;
import java.util.Optional;

/** What the configuration of every job has. */
public interface JobConfig {
    /** {@code host:port}, several with commas between them. */
    String brokers();

    Registry registry();

    /** Consumer group whose committed offsets show the lag; checkpoints decide where reading goes on. */
    String group();

    Checkpoints checkpoints();

    StateBackend state();

    /** Where Prometheus may ask; empty to answer nowhere. */
    Optional<Metrics> metrics();

    /** Further settings of Kafka's clients, such as {@code security.protocol}. */
    Map<String, String> kafka();

    default KafkaConnection connection() {
        return new KafkaConnection(brokers(), group(), kafka(), registry().connection());
    }
}
