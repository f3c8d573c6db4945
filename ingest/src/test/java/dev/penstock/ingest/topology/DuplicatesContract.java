package dev.penstock.ingest.topology;

import static dev.penstock.ingest.topology.IngestHarness.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.topics.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of duplicates, wherever ids are kept and however the source is keyed. */
abstract class DuplicatesContract {
    private static final Duration WINDOW = Duration.ofHours(1);
    private static final String PIPELINES = """
            pipelines:
              spam:
                modality: text
                model: spam
                duplicates: {window: PT1H}
                source: {topic: mails, id: id, entity: sender, keyed-by: %1$s, payload: {text: body}}
              phishing:
                modality: text
                model: phishing
                duplicates: {window: PT10M}
                source: {topic: mails, id: id, entity: sender, keyed-by: %1$s, payload: {text: body}}
              archive:
                modality: text
                model: archive
                duplicates: {window: PT0S}
                source: {topic: mails, id: id, entity: sender, keyed-by: %1$s, payload: {text: body}}
            """;

    private IngestHarness ingest;

    abstract SeenStores stores();

    abstract Properties settings();

    @AfterEach
    void close() {
        ingest.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void theFirstOfAnIdPassesAndOthersAreDropped(String keyedBy) {
        start(keyedBy);

        send("m-1", NOW);
        send("m-2", NOW);
        send("m-1", NOW);
        send("m-1", NOW.plusSeconds(1));

        assertAccepted("spam", "m-1", "m-2");
        assertThat(ingest.counters().of("spam").duplicates()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void anIdPassesAgainOnceTheWindowHasEnded(String keyedBy) {
        start(keyedBy);

        send("m-1", NOW);
        send("m-1", NOW.plus(WINDOW).minusMillis(1));
        assertAccepted("spam", "m-1");
        send("m-1", NOW.plus(WINDOW));
        assertAccepted("spam", "m-1");
        send("m-1", NOW.plus(WINDOW).plusMillis(1));

        assertAccepted("spam");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void aWindowStartsWithTheFirstAndIsNotProlonged(String keyedBy) {
        start(keyedBy);

        for (int minutes = 0; minutes <= 60; minutes += 20) {
            send("m-1", NOW.plus(Duration.ofMinutes(minutes)));
        }

        assertAccepted("spam", "m-1", "m-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void eachPipelineHasItsOwnWindowAndItsOwnIds(String keyedBy) {
        start(keyedBy);

        send("m-1", NOW);
        send("m-1", NOW.plus(Duration.ofMinutes(10)));

        assertThat(ingest.requests(Topic.REQUESTS_TEXT))
                .extracting(InferenceRequest::getPipeline)
                .containsExactlyInAnyOrder("spam", "phishing", "phishing", "archive", "archive");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void aDeadLetterIsNotRemembered(String keyedBy) {
        start(keyedBy);

        ingest.send("mails", Events.mail("m-1", "s", ""), NOW);
        send("m-1", NOW);

        assertAccepted("spam", "m-1");
        assertThat(ingest.deadLetters()).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void whatIsPlayedBackIsRememberedAsLongAsOthers(String keyedBy) {
        start(keyedBy);
        Instant lastWeek = NOW.minus(Duration.ofDays(7));

        send("m-1", NOW);
        send("old-1", lastWeek);
        send("m-2", NOW.plus(Duration.ofMinutes(59)));
        send("old-1", lastWeek.plusSeconds(1));

        assertAccepted("spam", "m-1", "old-1", "m-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void anIdThatIsPlayedBackFromTwoTimesIsKnownAtBoth(String keyedBy) {
        start(keyedBy);
        Instant lastWeek = NOW.minus(Duration.ofDays(7));
        send("m-1", NOW);
        send("old-1", lastWeek);
        send("old-1", lastWeek.plus(WINDOW));

        send("old-1", lastWeek.plusSeconds(1));
        send("old-1", lastWeek.plus(WINDOW).plusSeconds(1));

        assertAccepted("spam", "m-1", "old-1", "old-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void aPartitionThatLagsByAWindowStillMeetsItsDuplicates(String keyedBy) {
        start(keyedBy);

        send("m-1", NOW);
        // Another partition of the backlog is read first.
        send("m-2", NOW.plus(WINDOW).plus(Duration.ofMinutes(50)));
        send("m-1", NOW.plus(Duration.ofMinutes(5)));

        assertAccepted("spam", "m-1", "m-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anything", "entity", "id"})
    void aProducerWhoseClockRunsAheadDoesNotMakeOthersForgotten(String keyedBy) {
        start(keyedBy);

        ingest.send("mails", Events.mail("m-1"), NOW);
        ingest.send("mails", Events.mail("from-the-future"), NOW.plus(Duration.ofDays(365)));
        ingest.send("mails", Events.mail("m-1"), NOW.plusSeconds(1));

        assertAccepted("spam", "m-1", "from-the-future");
    }

    private void start(String keyedBy) {
        ingest = new IngestHarness(PIPELINES.formatted(keyedBy), stores(), settings());
    }

    /** As if it arrived now, if it is later than what came before. */
    private void send(String id, Instant timestamp) {
        if (timestamp.isAfter(ingest.now())) {
            ingest.clockIs(timestamp);
        }
        ingest.send("mails", Events.mail(id), timestamp);
    }

    /** Since the last time. */
    private void assertAccepted(String pipeline, String... ids) {
        assertThat(ingest.requests(Topic.REQUESTS_TEXT).stream()
                        .filter(request -> request.getPipeline().equals(pipeline))
                        .map(InferenceRequest::getRequestId))
                .containsExactly(ids);
    }
}
