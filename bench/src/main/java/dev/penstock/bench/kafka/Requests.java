package dev.penstock.bench.kafka;

import dev.penstock.bench.workloads.Workload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.Topic;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A workload's requests, numbered from 0. They are spread evenly over the partitions, so that no task has more to do
 * than another; request, entity and key are the number.
 */
public final class Requests {
    private static final Instant EVENT_TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final Platform platform;
    private final Workload workload;
    private final List<Object> payloads;
    private final Map<Integer, String> topics = new HashMap<>();

    /** @param inCatalogue how many are in the topic that the product reads */
    public Requests(Platform platform, Workload workload, int inCatalogue) throws InterruptedException {
        this.platform = platform;
        this.workload = workload;
        this.payloads = workload.payloads();
        String catalogue = Topic.requestsOf(workload.modality()).topicName();
        preload(catalogue, inCatalogue);
        topics.put(inCatalogue, catalogue);
    }

    /** A topic with that many, written when it is first asked for. */
    public String topicOf(int count) throws InterruptedException {
        String known = topics.get(count);
        if (known != null) {
            return known;
        }
        String topic = "bench.requests.%d".formatted(count);
        platform.createMissingTopic(topic, Topic.requestsOf(workload.modality()));
        preload(topic, count);
        topics.put(count, topic);
        return topic;
    }

    /** @param number from 0; the same number gives the same request */
    public InferenceRequest request(int number) {
        String id = Integer.toString(number);
        return InferenceRequest.newBuilder()
                .setRequestId(id)
                .setPipeline(workload.name())
                .setEntityId(id)
                .setEventTime(EVENT_TIME)
                .setPayload(payloads.get(number % payloads.size()))
                .setReceivedAt(EVENT_TIME)
                .build();
    }

    /** The same, on its way to a topic. */
    public ProducerRecord<String, InferenceRequest> record(String topic, int number) {
        InferenceRequest request = request(number);
        return new ProducerRecord<>(topic, number % platform.partitions(), request.getRequestId(), request);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback sees every failure.
    private void preload(String topic, int count) {
        try (KafkaProducer<String, InferenceRequest> producer = platform.fillingProducer()) {
            AtomicReference<Exception> failure = new AtomicReference<>();
            for (int number = 0; number < count; number++) {
                producer.send(record(topic, number), (written, e) -> {
                    if (e != null) {
                        failure.set(e);
                    }
                });
            }
            producer.flush();
            if (failure.get() != null) {
                throw new IllegalStateException(
                        "Cannot write the requests to topic '%s': %s"
                                .formatted(topic, failure.get().getMessage()),
                        failure.get());
            }
        }
    }
}
