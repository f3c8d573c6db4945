package dev.penstock.ingest.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.topics.Topic;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class PenstockProducerTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final SchemaRegistry registry = SchemaRegistry.connect("mock://" + UUID.randomUUID());
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(Cluster.empty(), false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final PenstockProducer producer = new PenstockProducer(
            kafka, registry, ProducerSettings.of("b:9092", URI.create("http://r")), Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void writesTheRequestUnderItsEntityIntoTheTopicOfItsModality() {
        CompletableFuture<Sent> sent = producer.send(
                Request.text("spam", "customer-7", "Hello").id("m-1").build());

        assertThat(sent).isNotDone();
        assertThat(kafka.history()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo(Topic.REQUESTS_TEXT.topicName());
            assertThat(record.key()).isEqualTo("customer-7".getBytes(UTF_8));
            assertThat(read(record).getRequestId()).isEqualTo("m-1");
            assertThat(read(record).getReceivedAt()).isEqualTo(NOW);
            assertThat(read(record).getOrigin()).isNull();
        });
    }

    @Test
    void completesWhenTheBrokersHaveTheRequest() throws Exception {
        CompletableFuture<Sent> sent =
                producer.send(Request.text("spam", "e", "Hello").id("m-1").build());
        assertThat(sent).isNotDone();

        kafka.completeNext();

        assertThat(sent.get()).isEqualTo(new Sent("m-1", new Origin(Topic.REQUESTS_TEXT.topicName(), 0, 0L)));
    }

    @Test
    void saysWhatToDoWhenTheBrokersDoNotTakeIt() {
        CompletableFuture<Sent> sent =
                producer.send(Request.text("spam", "e", "Hello").id("m-1").build());

        kafka.errorNext(new TimeoutException("Expiring 1 record(s)"));

        assertThatThrownBy(sent::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(NotSentException.class)
                .hasMessage(
                        "Cannot send TEXT request 'm-1' of entity 'e' for pipeline 'spam': the brokers at b:9092 did not take it (Expiring 1 record(s)), with max-block PT10S, delivery-timeout PT2M and a buffer of 32MiB; send slower or check that they run");
    }

    @Test
    void refusesWhatItsTopicDoesNotTakeBeforeItIsSent() {
        Request largest = Request.image("digits", "e", new byte[Topic.LARGE_RECORD_BYTES - 500])
                .build();
        Request tooLarge = Request.image("digits", "e", new byte[Topic.LARGE_RECORD_BYTES])
                .id("i-1")
                .build();
        Request tooLong = Request.text("spam", "e", "x".repeat(Topic.REQUESTS_TEXT.largestRecordBytes()))
                .build();

        CompletableFuture<Sent> sent = producer.send(largest);

        assertThat(sent).isNotDone();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> producer.send(tooLarge))
                .withMessageMatching(
                        "Cannot send IMAGE request 'i-1' .*: it has 10,485,[0-9]{3} bytes, and topic 'requests.image' takes 10,485,760; send less, such as a smaller image");
        assertThatIllegalArgumentException().isThrownBy(() -> producer.send(tooLong));
        assertThat(kafka.history()).hasSize(1);
    }

    @Test
    void writesFeedbackUnderTheRequestThatItIsAbout() throws Exception {
        Instant said = Instant.parse("2026-02-20T08:00:00Z");

        CompletableFuture<Sent> sent = producer.feedback(Report.of("fraud", "tx-17", "fraud", FeedbackSource.OUTCOME)
                .by("chargebacks")
                .at(said)
                .withCertainty(0.9));
        kafka.completeNext();

        assertThat(sent.get()).isEqualTo(new Sent("tx-17", new Origin("feedback", 0, 0L)));
        assertThat(kafka.history()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo(Topic.FEEDBACK.topicName());
            assertThat(record.key()).isEqualTo("tx-17".getBytes(UTF_8));
            assertThat(feedback(record))
                    .isEqualTo(
                            new Feedback("tx-17", "fraud", "fraud", FeedbackSource.OUTCOME, "chargebacks", said, 0.9));
        });
    }

    @Test
    void feedbackIsSaidWhenItIsSentUnlessItSaysOtherwise() {
        CompletableFuture<Sent> sent = producer.feedback(Report.of("spam", "m-1", "ham", FeedbackSource.HUMAN));

        assertThat(sent).isNotDone();
        assertThat(kafka.history()).singleElement().satisfies(record -> {
            assertThat(feedback(record).getSaidAt()).isEqualTo(NOW);
            assertThat(feedback(record).getCertainty()).isEqualTo(1);
        });
    }

    @Test
    void requestsAndFeedbackGoThroughOneProducer() {
        List<CompletableFuture<Sent>> sent = List.of(
                producer.send(Request.text("spam", "e", "Hello").id("m-1").build()),
                producer.feedback(Report.of("spam", "m-1", "ham", FeedbackSource.HUMAN)),
                producer.send(Request.text("spam", "e", "Hello again").id("m-2").build()));

        assertThat(sent).noneMatch(CompletableFuture::isDone);
        assertThat(kafka.history())
                .extracting(ProducerRecord::topic)
                .containsExactly("requests.text", "feedback", "requests.text");
        assertThat(read(kafka.history().get(2)).getRequestId()).isEqualTo("m-2");
    }

    @Test
    void saysWhichReportTheBrokersDidNotTake() {
        CompletableFuture<Sent> sent = producer.feedback(Report.of("spam", "m-1", "ham", FeedbackSource.HUMAN));

        kafka.errorNext(new TimeoutException("Expiring 1 record(s)"));

        assertThatThrownBy(sent::get)
                .cause()
                .isInstanceOf(NotSentException.class)
                .hasMessageStartingWith(
                        "Cannot send report that request 'm-1' for pipeline 'spam' was 'ham': the brokers at b:9092 did not take it");
    }

    @Test
    void doesNotSendOnceItIsClosed() {
        Request request = Request.text("spam", "e", "Hello").id("m-1").build();

        producer.close();
        producer.close();

        assertThat(kafka.closed()).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> producer.send(request))
                .withMessage(
                        "Cannot send TEXT request 'm-1' of entity 'e' for pipeline 'spam': the producer is closed");
        assertThatIllegalStateException()
                .isThrownBy(() -> producer.feedback(Report.of("spam", "m-1", "ham", FeedbackSource.HUMAN)))
                .withMessageEndingWith("the producer is closed");
    }

    @Test
    void writesOnceAndInOrderAndWithinBounds() {
        Map<String, Object> settings = ProducerSettings.of("b:9092", URI.create("http://r"))
                .withMaxBlock(Duration.ofSeconds(3))
                .toKafka();

        assertThat(settings)
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", "true")
                .containsEntry("max.block.ms", "3000")
                .containsEntry("buffer.memory", Long.toString(32L << 20));
    }

    @Test
    void refusesSettingsThatWouldBreakIt() {
        ProducerSettings usual = ProducerSettings.of("b:9092", URI.create("http://r"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProducerSettings(
                        "b:9092",
                        usual.registry(),
                        usual.maxBlock(),
                        usual.deliveryTimeout(),
                        usual.linger(),
                        usual.buffer(),
                        Map.of("acks", "0"),
                        Map.of()))
                .withMessageContaining("kafka.acks: the producer sets this itself");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> usual.withDeliveryTimeout(Duration.ZERO))
                .withMessageContaining("delivery-timeout: PT0S is not even a second more than the linger");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> usual.withMaxBlock(Duration.ofSeconds(-1)))
                .withMessageContaining("max-block: PT-1S is negative");
    }

    private Feedback feedback(ProducerRecord<byte[], byte[]> record) {
        return AvroDeserializer.of(registry, Feedback.class).deserialize(record.topic(), record.value());
    }

    private InferenceRequest read(ProducerRecord<byte[], byte[]> record) {
        return AvroDeserializer.of(registry, InferenceRequest.class).deserialize(record.topic(), record.value());
    }
}
