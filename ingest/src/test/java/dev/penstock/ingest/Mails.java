package dev.penstock.ingest;

import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.deadletter.DeadLetter;
import dev.penstock.schemas.pipelines.Pipelines;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroSerializer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic of mails of its own, with a pipeline that reads it, on a broker that others use too. */
final class Mails {
    static final int PARTITIONS = 4;

    static final Schema SCHEMA = SchemaBuilder.record("Mail")
            .namespace("test")
            .fields()
            .requiredString("id")
            .requiredString("sender")
            .requiredString("body")
            .endRecord();

    private final SharedKafka kafka;
    private final String topic = "mails-" + UUID.randomUUID();
    private final String pipeline = "p-" + UUID.randomUUID();
    private final String keyedBy;

    private Mails(SharedKafka kafka, String keyedBy) {
        this.kafka = kafka;
        this.keyedBy = keyedBy;
    }

    /** @param keyedBy as in the pipelines file */
    static Mails create(SharedKafka kafka, String keyedBy) {
        Mails mails = new Mails(kafka, keyedBy);
        kafka.createCatalogue();
        kafka.createTopic(mails.topic, PARTITIONS, Map.of());
        return mails;
    }

    String topic() {
        return topic;
    }

    String pipeline() {
        return pipeline;
    }

    String yaml() {
        return """
                pipelines:
                  %s:
                    modality: text
                    model: spam
                    source: {topic: %s, id: id, entity: sender, keyed-by: %s, payload: {text: body}}
                """.formatted(pipeline, topic, keyedBy);
    }

    /** @param state where ids that were seen are kept */
    String ingestYaml(Path state) {
        return """
                brokers: %s
                registry: {url: "%s", patience: PT2S}
                state-directory: %s
                application-id: ingest-%s
                threads: 2
                kafka:
                  main.consumer.session.timeout.ms: 6000
                  main.consumer.heartbeat.interval.ms: 500
                  # What a killed process left open is given up soon.
                  producer.transaction.timeout.ms: 4000
                """.formatted(kafka.bootstrapServers(), kafka.registryUrl(), state, topic);
    }

    Pipelines pipelines() {
        return ConfigurationFile.parse("pipelines.yaml", yaml(), Pipelines.class, Map.of());
    }

    static KafkaProducer<String, GenericRecord> producer(SharedKafka kafka) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "max.request.size",
                Topic.LARGEST_RECORD_BYTES,
                // Of several requests, a topic that is new may refuse the first and take the second.
                "max.in.flight.requests.per.connection",
                1);
        return new KafkaProducer<>(settings, new StringSerializer(), new AvroSerializer<>(kafka.registry()));
    }

    /** Returns when all are written. */
    static void send(SharedKafka kafka, List<ProducerRecord<String, GenericRecord>> records) throws Exception {
        try (KafkaProducer<String, GenericRecord> producer = producer(kafka)) {
            send(producer, records);
        }
    }

    /** Returns when all are written. */
    static void send(KafkaProducer<String, GenericRecord> producer, List<ProducerRecord<String, GenericRecord>> records)
            throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ProducerRecord<String, GenericRecord> record : records) {
            sent.add(producer.send(record));
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    /** One mail on each partition, its number behind the name. */
    void sendOnEveryPartition(String name) throws Exception {
        List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            records.add(record(partition, name + "-" + partition, "sender-" + partition, "Hello"));
        }
        send(kafka, records);
    }

    ProducerRecord<String, GenericRecord> record(int partition, String id, String sender, String body) {
        GenericRecord mail = new GenericData.Record(SCHEMA);
        mail.put("id", new Utf8(id));
        mail.put("sender", new Utf8(sender));
        mail.put("body", new Utf8(body));
        return new ProducerRecord<>(topic, partition, "key of " + id, mail);
    }

    /** Those that were made from this topic and are committed. */
    List<InferenceRequest> requests() {
        return kafka.read(Topic.REQUESTS_TEXT.topicName(), InferenceRequest.class).stream()
                .filter(request -> request.getPipeline().equals(pipeline))
                .toList();
    }

    List<String> requestIds() {
        return requests().stream().map(InferenceRequest::getRequestId).toList();
    }

    /** Those of this topic's records that are committed. */
    List<ConsumerRecord<byte[], byte[]>> deadLetters() {
        return kafka.read(Topic.DEAD_LETTERS.topicName()).stream()
                .filter(record ->
                        DeadLetter.read(record.headers()).from().getTopic().equals(topic))
                .toList();
    }
}
