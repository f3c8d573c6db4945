package dev.penstock.cli.demo.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.cli.demo.story.Reviewer.Habits;
import dev.penstock.ingest.producer.PenstockProducer;
import dev.penstock.ingest.producer.ProducerSettings;
import dev.penstock.ingest.producer.Report;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Feedback;
import dev.penstock.schemas.FeedbackSource;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReviewRoomIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    private final StoryPredictions mails = new StoryPredictions(20);

    @BeforeEach
    void createTopics() {
        KAFKA.createCatalogue();
    }

    @Test
    void writesWhatReviewersSayWhenTheySayIt() {
        Duration delay = Duration.ofMillis(300);
        Habits habits = new Habits(1, 0, delay, delay, FeedbackSource.HUMAN, List.of("reviewer-of-room"));
        Reviewer reviewer = new Reviewer(mails.truth(), Map.of("spam", habits), 1);
        Instant decided = Instant.now();
        try (PenstockProducer producer = producer();
                ReviewRoom room = ReviewRoom.open(reviewer, producer, Clock.systemUTC())) {
            for (int index = 0; index < 20; index++) {
                reviewer.predicted(mails.right(index, 1), decided);
            }

            await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> assertThat(feedbackBy("reviewer-of-room"))
                    .hasSize(20));
            room.check();
        }
        assertThat(feedbackBy("reviewer-of-room")).allSatisfy(feedback -> {
            assertThat(feedback.getLabel())
                    .isEqualTo(
                            mails.label(Integer.parseInt(feedback.getRequestId().substring("mail-".length()))));
            assertThat(feedback.getSaidAt().toEpochMilli())
                    .isEqualTo(decided.plus(delay).toEpochMilli());
        });
    }

    @Test
    void sendsABurstAtOnce() throws InterruptedException {
        List<Report> lies = PoisonedLabels.flood("mallory-of-room", 1, mails.truth(), 1)
                .about(List.of(mails.right(0, 1), mails.right(1, 1)));

        try (PenstockProducer producer = producer()) {
            ReviewRoom.sendNow(lies, producer);

            assertThat(feedbackBy("mallory-of-room")).hasSize(2);
        }
    }

    private static List<Feedback> feedbackBy(String name) {
        return KAFKA.read("feedback", Feedback.class).stream()
                .filter(feedback -> feedback.getSaidBy().equals(name))
                .toList();
    }

    private static PenstockProducer producer() {
        return PenstockProducer.connect(ProducerSettings.of(KAFKA.bootstrapServers(), URI.create(KAFKA.registryUrl())));
    }
}
