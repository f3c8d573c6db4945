package dev.penstock.bench.variants;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** Kafka Streams with its defaults: each of its threads has a model and asks it about one value at a time. */
final class StreamsMap implements Approach {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Predictor.Factory model;

    StreamsMap(Predictor.Factory model) {
        this.model = model;
    }

    @Override
    public AutoCloseable start(Setting setting, Route route) {
        // Models are native: a thread's goes when this process does.
        ThreadLocal<RecordScorer> scorers = ThreadLocal.withInitial(() -> open(setting));
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(
                        route.requests(),
                        Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("read"))
                .mapValues(value -> scorers.get().score(route, value))
                .to(
                        route.answers(),
                        Produced.with(Serdes.ByteArray(), Serdes.ByteArray()).withName("write"));
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, route.group());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, setting.brokers());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, setting.slots());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, setting.kept(route.group()).toString());
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        streams.start();
        return () -> streams.close(PATIENCE);
    }

    private RecordScorer open(Setting setting) {
        try {
            return new RecordScorer(setting, model.open(setting));
        } catch (Exception e) {
            throw new IllegalStateException("Cannot open the model: " + e.getMessage(), e);
        }
    }
}
