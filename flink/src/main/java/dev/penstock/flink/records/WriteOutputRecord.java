package dev.penstock.flink.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** Gives a record to Kafka as it is. */
public final class WriteOutputRecord implements KafkaRecordSerializationSchema<OutputRecord> {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(OutputRecord record, KafkaSinkContext context, Long timestamp) {
        if (record.headers().isEmpty()) {
            return new ProducerRecord<>(record.topic(), record.key(), record.value());
        }
        List<Header> headers = record.headers().entrySet().stream()
                .map((Map.Entry<String, String> header) -> (Header)
                        new RecordHeader(header.getKey(), header.getValue().getBytes(UTF_8)))
                .toList();
        return new ProducerRecord<>(record.topic(), null, record.key(), record.value(), headers);
    }
}
