package dev.penstock.bench.variants;

import dev.penstock.flink.records.InputRecord;
import dev.penstock.flink.records.OutputRecord;
import dev.penstock.flink.records.ReadInputRecord;
import dev.penstock.flink.records.WriteOutputRecord;
import dev.penstock.inference.Inference;
import dev.penstock.inference.InferenceConfig;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Source, {@code map}, sink, chained into one task: the usual way to score in Flink. Flink's settings, the sink's and
 * the records on the edges are the product's own.
 */
final class FlinkMap implements Approach {
    private static final int FETCH_BYTES = 8 * 1024 * 1024;

    private final Predictor.Factory model;
    private final Fetches fetches;

    /** How much the source asks for at a time. */
    enum Fetches {
        /** Kafka's default, a megabyte a partition. */
        USUAL,
        /** The product's. */
        LARGE
    }

    FlinkMap(Predictor.Factory model, Fetches fetches) {
        this.model = model;
        this.fetches = fetches;
    }

    @Override
    @SuppressWarnings("deprecation") // Kafka deprecates the enum that the connector's newest version asks for.
    public AutoCloseable start(Setting setting, Route route) throws Exception {
        InferenceConfig config = Product.config(setting, route.group(), "");
        KafkaSource<InputRecord> source = KafkaSource.<InputRecord>builder()
                .setBootstrapServers(setting.brokers())
                .setTopics(route.requests())
                .setGroupId(route.group())
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new ReadInputRecord())
                .setProperties(sourceSettings())
                .build();
        KafkaSink<OutputRecord> sink = KafkaSink.<OutputRecord>builder()
                .setBootstrapServers(setting.brokers())
                .setRecordSerializer(new WriteOutputRecord())
                .setKafkaProducerConfig(Inference.sinkSettings(config))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .build();
        return FlinkRun.start("map", setting.slots(), Inference.flinkSettings(config), environment -> environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "read")
                .uid("read")
                .map(new Score(model, setting, route))
                .returns(TypeInformation.of(OutputRecord.class))
                .uid("score")
                .sinkTo(sink)
                .uid("write"));
    }

    private Properties sourceSettings() {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        if (fetches == Fetches.LARGE) {
            settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
            settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Integer.toString(FETCH_BYTES));
        }
        return settings;
    }

    private static final class Score extends RichMapFunction<InputRecord, OutputRecord> {
        private final Predictor.Factory model;
        private final Setting setting;
        private final Route route;
        private transient @Nullable RecordScorer scorer;

        Score(Predictor.Factory model, Setting setting, Route route) {
            this.model = model;
            this.setting = setting;
            this.route = route;
        }

        @Override
        public void open(OpenContext context) throws Exception {
            scorer = new RecordScorer(setting, model.open(setting));
        }

        @Override
        public OutputRecord map(InputRecord record) {
            byte[] value = record.value();
            if (scorer == null || value == null) {
                throw new IllegalStateException("Cannot score record %d: it has no value".formatted(record.offset()));
            }
            return new OutputRecord(route.answers(), record.key(), scorer.score(route, value), Map.of());
        }

        @Override
        public void close() {
            if (scorer != null) {
                scorer.close();
            }
        }
    }
}
