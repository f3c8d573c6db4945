package dev.penstock.cli.demo;

import dev.penstock.cli.demo.events.Paying;
import dev.penstock.data.Transaction;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Sends payments of the past straight to the requests topic, and what became known of them. The caller closes it. */
final class PastPayments implements AutoCloseable {
    /** As long as it takes until somebody notices, and the bank believes it. */
    private static final Duration REPORTED_AFTER = Duration.ofDays(7);

    private final Producer<String, SpecificRecord> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** @param producer closed with this; its value serializer registers schemas by topic */
    PastPayments(Producer<String, SpecificRecord> producer) {
        this.producer = producer;
    }

    /**
     * Returns when the broker has all.
     *
     * @return how many frauds were reported
     * @throws IllegalStateException if the broker refuses one
     */
    @SuppressWarnings("FutureReturnValueIgnored") // The callback hears of every failure.
    int send(List<Transaction> payments) {
        Callback sent = (metadata, failed) -> failure.compareAndSet(null, failed);
        int reported = 0;
        for (Transaction payment : payments) {
            InferenceRequest request = Paying.request(payment);
            producer.send(
                    new ProducerRecord<>(Topic.REQUESTS_RECORD.topicName(), request.getEntityId(), request), sent);
            if (payment.fraud()) {
                reported++;
                producer.send(
                        new ProducerRecord<>(
                                Topic.FEEDBACK.topicName(), request.getRequestId(), report(request, payment)),
                        sent);
            }
        }
        producer.flush();
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("Cannot send past payments: " + failed.getMessage(), failed);
        }
        return reported;
    }

    private static Feedback report(InferenceRequest request, Transaction payment) {
        return Feedback.newBuilder()
                .setRequestId(request.getRequestId())
                .setPipeline(request.getPipeline())
                .setLabel(payment.label())
                .setSource(FeedbackSource.OUTCOME)
                .setSaidBy(Paying.CHARGEBACKS)
                .setSaidAt(payment.time().plus(REPORTED_AFTER))
                .build();
    }

    @Override
    public void close() {
        producer.close();
    }
}
