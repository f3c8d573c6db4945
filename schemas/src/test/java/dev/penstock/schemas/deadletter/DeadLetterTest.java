package dev.penstock.schemas.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.Origin;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class DeadLetterTest {
    private static final Origin REQUEST = new Origin("requests.text", 2, 17L);
    private static final Origin MAIL = new Origin("mail.received", 0, 1L << 40);

    @Test
    void isReadFromTheHeadersItWrote() {
        DeadLetter letter = new DeadLetter(
                DeadLetterCode.TEXT_TOO_LONG,
                "Le texte a 100 001 caractères — trop",
                "java.lang.IllegalArgumentException",
                REQUEST,
                Optional.of(MAIL),
                "inference",
                Optional.of("spam"),
                Optional.of("id-1"));

        assertThat(DeadLetter.read(new RecordHeaders(letter.toHeaders()))).isEqualTo(letter);
        assertThat(letter.root()).isEqualTo(MAIL);
    }

    @Test
    void isReadWithoutWhatWasNotKnown() {
        DeadLetter letter = malformed();

        assertThat(DeadLetter.read(new RecordHeaders(letter.toHeaders()))).isEqualTo(letter);
        assertThat(letter.root()).isEqualTo(REQUEST);
    }

    @Test
    void writesNumbersAsTextAsKafkaStreamsDoes() {
        Headers headers = new RecordHeaders(malformed().toHeaders());

        assertThat(headers.lastHeader("__streams.errors.topic").value()).isEqualTo("requests.text".getBytes(UTF_8));
        assertThat(headers.lastHeader("__streams.errors.partition").value()).isEqualTo("2".getBytes(UTF_8));
        assertThat(headers.lastHeader("__streams.errors.offset").value()).isEqualTo("17".getBytes(UTF_8));
    }

    @Test
    void theNewestOfRepeatedHeadersCounts() {
        Headers headers = new RecordHeaders(malformed().toHeaders());
        malformed().toHeaders().forEach(headers::add);
        headers.add(DeadLetter.OFFSET, "18".getBytes(UTF_8));

        assertThat(DeadLetter.read(headers).from().getOffset()).isEqualTo(18);
    }

    @Test
    void saysWhichHeaderIsMissing() {
        Headers foreign = new RecordHeaders(malformed().toHeaders());
        foreign.remove(DeadLetter.CODE);

        assertThatThrownBy(() -> DeadLetter.read(foreign))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot read dead letter: it has no header 'penstock.dead-letter.code'");
    }

    @Test
    void refusesHeadersThatSomebodyElseFilled() {
        assertThatThrownBy(() -> DeadLetter.read(replacing(DeadLetter.CODE, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(DeadLetter.CODE);
        assertThatThrownBy(() -> DeadLetter.read(replacing(DeadLetter.CODE, "LOST_IN_THE_POST")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LOST_IN_THE_POST");
        assertThatThrownBy(() -> DeadLetter.read(replacing(DeadLetter.PARTITION, "first")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("first");
    }

    private static Headers replacing(String name, String value) {
        Headers headers = new RecordHeaders(malformed().toHeaders());
        return headers.remove(name).add(name, value == null ? null : value.getBytes(UTF_8));
    }

    private static DeadLetter malformed() {
        return new DeadLetter(
                DeadLetterCode.MALFORMED_RECORD,
                "Cannot read record",
                "",
                REQUEST,
                Optional.empty(),
                "inference",
                Optional.empty(),
                Optional.empty());
    }
}
