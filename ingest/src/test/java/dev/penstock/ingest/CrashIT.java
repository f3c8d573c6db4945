package dev.penstock.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.local.SharedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ingest as a process of its own, killed without warning. */
class CrashIT {
    private static final int EVENTS_AT_A_TIME = 25;
    private static final Duration PAUSE = Duration.ofMillis(100);
    /** How many requests there are when ingest is killed. */
    private static final List<Integer> KILLS = List.of(500, 2_000);

    /** Each look reads whole topics. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @RegisterExtension
    static final SharedKafka KAFKA = new SharedKafka();

    @TempDir
    private Path directory;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killTheRest() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "id"})
    void everyEventIsInRequestsOrDeadLettersExactlyOnceHoweverOftenIngestIsKilled(String keyedBy) throws Exception {
        Mails mails = Mails.create(KAFKA, keyedBy);
        Process process = startIngest(mails);
        ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor();
        try (Stream stream = new Stream(mails, keyedBy)) {
            Future<?> sending =
                    sender.scheduleAtFixedRate(stream::sendSome, 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);

            for (int requests : KILLS) {
                await().pollInterval(POLL)
                        .atMost(PATIENCE)
                        .until(() -> mails.requestIds().size() >= requests);
                assertThat(sending)
                        .as("the stream goes on when ingest is killed")
                        .isNotDone();
                process.destroyForcibly().waitFor();
                process = startIngest(mails);
            }
            sender.shutdown();
            assertThat(sender.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
            int events = stream.good.size() + stream.broken.size();
            await().pollInterval(POLL)
                    .atMost(PATIENCE)
                    .until(() -> mails.requestIds().size() + mails.deadLetters().size() >= events);
            process.destroy();

            assertThat(process.waitFor()).as("exit code after SIGTERM").isEqualTo(143);
            assertThat(mails.requestIds()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(stream.good);
            assertThat(mails.deadLetters().stream().map(record -> new String(record.key(), UTF_8)))
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(stream.broken);
        } finally {
            sender.shutdownNow();
        }
    }

    /**
     * Mails without end: one in ten is sent twice, on any partition if the topic is keyed by anything, and one in ten has
     * no text.
     */
    private static final class Stream implements AutoCloseable {
        private final Mails mails;
        private final boolean anywhere;
        private final KafkaProducer<String, GenericRecord> producer = Mails.producer(KAFKA);
        private final Random random = new Random(11);
        private final Set<String> good = new TreeSet<>();
        private final Set<String> broken = new TreeSet<>();
        private int next;

        Stream(Mails mails, String keyedBy) {
            this.mails = mails;
            this.anywhere = keyedBy.equals("anything");
        }

        void sendSome() {
            List<ProducerRecord<String, GenericRecord>> records = new ArrayList<>();
            for (int i = 0; i < EVENTS_AT_A_TIME; i++) {
                add(records);
            }
            try {
                Mails.send(producer, records);
            } catch (Exception e) {
                throw new IllegalStateException("Cannot send mails up to %d".formatted(next), e);
            }
        }

        private void add(List<ProducerRecord<String, GenericRecord>> records) {
            String id = "m-%05d".formatted(next);
            String sender = "sender-" + next % 17;
            int partition = next % 17 % Mails.PARTITIONS;
            next++;
            if (random.nextInt(10) == 0) {
                ProducerRecord<String, GenericRecord> empty = mails.record(partition, id, sender, "");
                records.add(empty);
                broken.add(empty.key());
                return;
            }
            records.add(mails.record(partition, id, sender, "Hello"));
            good.add(id);
            if (random.nextInt(10) == 0) {
                int other = anywhere ? random.nextInt(Mails.PARTITIONS) : partition;
                records.add(mails.record(other, id, sender, "Hello"));
            }
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    private Process startIngest(Mails mails) throws IOException {
        Path config = Files.writeString(directory.resolve("ingest.yaml"), mails.ingestYaml(directory.resolve("state")));
        Path pipelines = Files.writeString(directory.resolve("pipelines.yaml"), mails.yaml());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IngestMain.class.getName(),
                        config.toString(),
                        pipelines.toString())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(Path.of("target", "crash-it-%s.log".formatted(mails.topic()))
                                .toFile()))
                .start();
        processes.add(process);
        return process;
    }
}
