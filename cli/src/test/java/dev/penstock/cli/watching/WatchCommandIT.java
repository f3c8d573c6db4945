package dev.penstock.cli.watching;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.cli.CommandRun;
import dev.penstock.local.SharedKafka;
import dev.penstock.schemas.Alert;
import dev.penstock.schemas.AlertCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class WatchCommandIT {
    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @Test
    void printsEveryRecordUpToTheEnd() throws Exception {
        KAFKA.createTopic("watch-all", 2, Map.of());
        send("watch-all", "a", "b", "c");
        KAFKA.send("watch-all", "d".getBytes(UTF_8), "not avro".getBytes(UTF_8));

        CommandRun run = watch("watch-all", "--from-beginning", "--until-end");

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.jsonLines())
                .extracting(line -> line.path("key").asText())
                .containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(run.jsonLines())
                .filteredOn(line -> line.path("key").asText().equals("b"))
                .extracting(line -> line.path("value").path("message").asText())
                .containsExactly("about b");
    }

    @Test
    void stopsAtOnceAtTheEndOfAnEmptyTopic() {
        KAFKA.createTopic("watch-empty", 3, Map.of());

        CommandRun run = watch("watch-empty", "--until-end");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEmpty();
    }

    @Test
    void printsOnlyWhatWasAskedFor() throws Exception {
        KAFKA.createTopic("watch-some", 1, Map.of());
        send("watch-some", "a", "b", "a", "c", "a");

        assertThat(keys(watch("watch-some", "--from-beginning", "--until-end", "--key", "a")))
                .containsExactly("a", "a", "a");
        assertThat(keys(watch("watch-some", "--from-beginning", "--until-end", "--grep", "about c")))
                .containsExactly("c");
        assertThat(keys(watch("watch-some", "--from-beginning", "--limit", "2")))
                .containsExactly("a", "b");
        assertThat(keys(watch("watch-some", "--from-offset", "0:3", "--until-end")))
                .containsExactly("c", "a");
    }

    @Test
    void namesTheTopicsIfThereIsNoSuchTopic() {
        KAFKA.createTopic("watch-known", 1, Map.of());

        CommandRun run = watch("watch-unknown", "--until-end");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("Cannot watch 'watch-unknown': there is no such topic")
                .contains("watch-known");
    }

    @Test
    void saysWhichOffsetsThereAre() throws Exception {
        KAFKA.createTopic("watch-offsets", 1, Map.of());
        send("watch-offsets", "a", "b");

        assertThat(watch("watch-offsets", "--from-offset", "0:3").err())
                .contains("partition 0 has offsets from 0, and the next record will be 2");
        assertThat(watch("watch-offsets", "--from-offset", "1:0").err()).contains("the topic has 1 partitions");
        assertThat(watch("watch-offsets", "--from-offset", "0:0", "--from-beginning")
                        .exitCode())
                .isEqualTo(2);
    }

    private static List<String> keys(CommandRun run) {
        return run.jsonLines().stream().map(line -> line.path("key").asText()).toList();
    }

    private static CommandRun watch(String... arguments) {
        List<String> all = new ArrayList<>(List.of("watch"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--brokers", KAFKA.bootstrapServers(), "--registry", KAFKA.registryUrl()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static void send(String topic, String... keys) throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, Alert> producer = KAFKA.producer()) {
            for (String key : keys) {
                producer.send(new ProducerRecord<>(
                                topic,
                                key,
                                Alert.newBuilder()
                                        .setModel(key)
                                        .setCode(AlertCode.VERSION_REFUSED)
                                        .setMessage("about " + key)
                                        .setRaisedBy("test")
                                        .setRaisedAt(Instant.EPOCH)
                                        .build()))
                        .get();
            }
        }
    }
}
