package dev.penstock.ingest.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class PenstockProducerIT {
    private static final Logger LOG = LoggerFactory.getLogger(PenstockProducerIT.class);
    /** A port that nobody listens on. */
    private static final String NOBODY = "localhost:1";

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @BeforeAll
    static void createTopics() {
        KAFKA.createCatalogue();
    }

    /** The example of {@link PenstockProducer}'s documentation, as it stands there. */
    @Test
    void theDocumentedExampleWorks() {
        ProducerSettings settings = ProducerSettings.of(KAFKA.bootstrapServers(), URI.create(KAFKA.registryUrl()));
        try (PenstockProducer producer = PenstockProducer.connect(settings)) {
            Request request = Request.text("spam", "customer-7", "You have won")
                    .attribute("country", "CH")
                    .build();
            CompletableFuture<Void> logged = producer.send(request)
                    .thenAccept(sent -> LOG.info("Request {} is at {}", sent.requestId(), sent.position()));
            // Days later, and from anywhere else:
            CompletableFuture<Sent> reported =
                    producer.feedback(Report.of("spam", request.id(), "ham", FeedbackSource.APPEAL)
                            .by("customer care"));

            assertThat(logged).succeedsWithin(Duration.ofSeconds(30));
            assertThat(reported).succeedsWithin(Duration.ofSeconds(30));
            assertThat(KAFKA.read(Topic.FEEDBACK.topicName(), Feedback.class))
                    .filteredOn(feedback -> feedback.getRequestId().equals(request.id()))
                    .singleElement()
                    .satisfies(feedback -> {
                        assertThat(feedback.getLabel()).isEqualTo("ham");
                        assertThat(feedback.getSource()).isEqualTo(FeedbackSource.APPEAL);
                        assertThat(feedback.getSaidBy()).isEqualTo("customer care");
                    });
            assertThat(KAFKA.read(Topic.REQUESTS_TEXT.topicName(), InferenceRequest.class))
                    .extracting(InferenceRequest::getRequestId)
                    .contains(request.id());
        }
    }

    @Test
    void closingWaitsUntilEverythingIsDelivered() {
        String pipeline = "flush-" + UUID.randomUUID();
        List<CompletableFuture<Sent>> sent = new ArrayList<>();

        try (PenstockProducer producer = connect()) {
            for (int i = 0; i < 2_000; i++) {
                sent.add(producer.send(Request.vector(pipeline, "card-" + i % 7, new float[] {i})
                        .build()));
            }
        }

        assertThat(sent).allSatisfy(future -> assertThat(future).isCompleted());
        assertThat(idsOf(Topic.REQUESTS_RECORD, pipeline))
                .containsExactlyInAnyOrderElementsOf(
                        sent.stream().map(future -> future.join().requestId()).toList());
    }

    @Test
    void anEntityStaysInOrderWhoeverSends() throws Exception {
        String pipeline = "order-" + UUID.randomUUID();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (PenstockProducer producer = connect()) {
            List<Future<Sent>> senders = new ArrayList<>();
            for (int sender = 0; sender < 4; sender++) {
                String entity = "entity-" + sender;
                senders.add(threads.submit(() -> sendInOrder(producer, pipeline, entity)));
            }
            for (Future<Sent> sender : senders) {
                sender.get(1, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }

        List<String> ids = idsOf(Topic.REQUESTS_RECORD, pipeline);
        assertThat(ids).hasSize(2_000);
        for (int sender = 0; sender < 4; sender++) {
            String prefix = "entity-" + sender + "/";
            assertThat(ids.stream().filter(id -> id.startsWith(prefix)).map(id -> id.substring(prefix.length())))
                    .extracting(Integer::valueOf)
                    .isSorted();
        }
    }

    @Test
    void theLargestRequestThatFitsIsTakenByTheBrokers() {
        String pipeline = "large-" + UUID.randomUUID();
        byte[] largest = new byte[Topic.LARGE_RECORD_BYTES - 500];
        try (PenstockProducer producer = connect()) {
            assertThat(producer.send(Request.image(pipeline, "e", largest).build()))
                    .succeedsWithin(Duration.ofSeconds(30));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> producer.send(Request.image(pipeline, "e", new byte[Topic.LARGE_RECORD_BYTES])
                            .build()))
                    .withMessageContaining("topic 'requests.image' takes 10,485,760");
            assertThat(producer.send(Request.image(pipeline, "e", new byte[1]).build()))
                    .succeedsWithin(Duration.ofSeconds(30));
        }
    }

    @Test
    void brokersThatAreAwayAreWaitedForAsLongAsItIsAllowed() {
        Duration maxBlock = Duration.ofSeconds(2);
        ProducerSettings settings =
                ProducerSettings.of(NOBODY, URI.create(KAFKA.registryUrl())).withMaxBlock(maxBlock);
        try (PenstockProducer producer = PenstockProducer.connect(settings)) {
            long start = System.nanoTime();

            CompletableFuture<Sent> sent =
                    producer.send(Request.text("spam", "e", "Hello").build());

            Duration blocked = Duration.ofNanos(System.nanoTime() - start);
            assertThat(blocked).isBetween(maxBlock.minusMillis(100), maxBlock.plusSeconds(5));
            assertThatThrownBy(sent::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(NotSentException.class)
                    .hasMessageContaining("the brokers at localhost:1 did not take it")
                    .hasMessageContaining("with max-block PT2S");
        }
    }

    private static Sent sendInOrder(PenstockProducer producer, String pipeline, String entity) {
        CompletableFuture<Sent> last = new CompletableFuture<>();
        for (int i = 0; i < 500; i++) {
            last = producer.send(Request.features(pipeline, entity)
                    .number("i", i)
                    .id(entity + "/" + i)
                    .build());
        }
        return last.join();
    }

    private static PenstockProducer connect() {
        return PenstockProducer.connect(ProducerSettings.of(KAFKA.bootstrapServers(), URI.create(KAFKA.registryUrl())));
    }

    private static List<String> idsOf(Topic topic, String pipeline) {
        return KAFKA.read(topic.topicName(), InferenceRequest.class).stream()
                .filter(request -> request.getPipeline().equals(pipeline))
                .map(InferenceRequest::getRequestId)
                .toList();
    }
}
