package dev.penstock.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.schemas.Fixtures;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.RandomValues;
import dev.penstock.schemas.topics.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topic {@code predictions} is for everybody: read by JavaScript, with the packages that its users take. */
@Tag("containers")
class AnotherLanguageIT {
    private static final int TRANSACTIONS = 20;
    private static final int PREDICTIONS_EACH = 15;
    private static final int ABORTED_EVERY = 3;

    @RegisterExtension
    static final ContainedKafka KAFKA = new ContainedKafka();

    private record Place(int partition, long offset) {}

    /** Of any content that the schema allows: every branch of unions, every symbol, texts of all kinds, the largest longs. */
    @Test
    void everyFieldOfEveryCommittedPredictionIsReadAsItWasWrittenAndNoneThatWasAborted() throws Exception {
        Map<Place, Prediction> committed = new HashMap<>();
        Set<Place> aborted = new HashSet<>();
        RandomValues values = new RandomValues(20_260_301);
        try (KafkaProducer<String, Prediction> producer = KAFKA.transactionalProducer("another-language")) {
            producer.initTransactions();
            for (int transaction = 0; transaction < TRANSACTIONS; transaction++) {
                List<Prediction> predictions = new ArrayList<>();
                predictions.add(Fixtures.somePrediction("request-" + transaction));
                for (int number = 1; number < PREDICTIONS_EACH; number++) {
                    predictions.add(values.of(Prediction.class));
                }
                producer.beginTransaction();
                Map<Place, Prediction> written = write(producer, predictions);
                // The last is committed, so that what was aborted has committed ones behind it.
                if (transaction % ABORTED_EVERY == 1) {
                    producer.abortTransaction();
                    aborted.addAll(written.keySet());
                } else {
                    producer.commitTransaction();
                    committed.putAll(written);
                }
            }
        }
        List<JsonNode> read = NodeConsumer.install().read(KAFKA, KAFKA.lastOffsets(Topic.PREDICTIONS));

        Map<Place, JsonNode> byPlace = new HashMap<>();
        read.forEach(record -> byPlace.put(
                new Place(
                        record.get("partition").intValue(), record.get("offset").asLong()),
                record));
        assertThat(byPlace).hasSameSizeAs(read);
        assertThat(byPlace.keySet()).containsAll(committed.keySet()).doesNotContainAnyElementsOf(aborted);
        committed.forEach((place, prediction) -> {
            assertThat(byPlace.get(place).get("key").textValue()).isEqualTo(prediction.getRequestId());
            SameAsJson.assertSame(prediction, byPlace.get(place).get("value"));
        });
    }

    private static Map<Place, Prediction> write(
            KafkaProducer<String, Prediction> producer, List<Prediction> predictions) throws Exception {
        List<Future<RecordMetadata>> sent = predictions.stream()
                .map(prediction -> producer.send(
                        new ProducerRecord<>(Topic.PREDICTIONS.topicName(), prediction.getRequestId(), prediction)))
                .toList();
        producer.flush();
        Map<Place, Prediction> written = new HashMap<>();
        for (int number = 0; number < sent.size(); number++) {
            RecordMetadata place = sent.get(number).get();
            written.put(new Place(place.partition(), place.offset()), predictions.get(number));
        }
        return written;
    }
}
