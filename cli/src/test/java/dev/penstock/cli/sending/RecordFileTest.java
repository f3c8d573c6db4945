package dev.penstock.cli.sending;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecordFileTest {
    private final RecordFile file = new RecordFile(Set.of("channel"));

    @Test
    void takesCsvColumnsForFeatures() {
        List<EventRecord> records =
                file.read("id,entity,time,amount,channel,country\np-1,c-7,2026-01-31T12:00:00+01:00,12.5,3,CH\n");

        assertThat(file.problems()).isEmpty();
        assertThat(records)
                .containsExactly(new EventRecord(
                        2,
                        Optional.of("p-1"),
                        Optional.of("c-7"),
                        Optional.of(Instant.parse("2026-01-31T11:00:00Z")),
                        Map.of("amount", 12.5),
                        Map.of("channel", "3", "country", "CH"),
                        List.of(),
                        Map.of()));
    }

    @Test
    void leavesOutWhatIsEmpty() {
        assertThat(file.read("amount,age\n1,\n"))
                .extracting(EventRecord::numbers)
                .containsExactly(Map.of("amount", 1.0));
        assertThat(file.read("{\"amount\": 1, \"age\": null}"))
                .extracting(EventRecord::numbers)
                .containsExactly(Map.of("amount", 1.0));
    }

    @Test
    void takesAFlatObjectForFeatures() {
        List<EventRecord> records = file.read("""
                {"id": 17, "time": 1769860800000, "amount": 12.5, "night": true, "channel": 3}
                {"country": "CH"}
                """);

        assertThat(file.problems()).isEmpty();
        assertThat(records).hasSize(2);
        assertThat(records.get(0).id()).contains("17");
        assertThat(records.get(0).time()).contains(Instant.parse("2026-01-31T12:00:00Z"));
        assertThat(records.get(0).numbers()).isEqualTo(Map.of("amount", 12.5, "night", 1.0));
        assertThat(records.get(0).categories()).isEqualTo(Map.of("channel", "3"));
        assertThat(records.get(1).line()).isEqualTo(2);
        assertThat(records.get(1).categories()).isEqualTo(Map.of("country", "CH"));
    }

    @Test
    void takesFeaturesOfTheirOwn() {
        List<EventRecord> records = file.read(
                "{\"id\":\"p-1\",\"features\":{\"time\":5,\"id\":\"x\"},\"attributes\":{\"country\":\"CH\"}}");

        assertThat(file.problems()).isEmpty();
        assertThat(records.get(0).id()).contains("p-1");
        assertThat(records.get(0).numbers()).isEqualTo(Map.of("time", 5.0));
        assertThat(records.get(0).categories()).isEqualTo(Map.of("id", "x"));
        assertThat(records.get(0).attributes()).isEqualTo(Map.of("country", "CH"));
    }

    @Test
    void takesAListOfNumbersForAVector() {
        assertThat(file.read("{\"features\": [1, 2.5]}"))
                .extracting(EventRecord::vector)
                .containsExactly(List.of(1f, 2.5f));
    }

    @Test
    void readsObjectsInAList() {
        assertThat(file.read("[\n{\"amount\": 1},\n{\"amount\": 2}\n]"))
                .extracting(EventRecord::line)
                .containsExactly(2, 3);
    }

    @Test
    void namesEveryLineThatIsWrong() {
        assertThat(file.read("time,amount\nyesterday,1\n5,2,3\n7,nan\n8,4\n")).hasSize(1);
        assertThat(file.problems())
                .containsExactly(
                        "line 2: 'yesterday' is not a time; write it like 2026-01-31T12:00:00Z, or as milliseconds since 1970",
                        "line 3: it has 3 values, and there are 2 columns",
                        "line 4: feature 'amount' is nan, which is no value; leave it empty if there is none");
    }

    @Test
    void namesEveryObjectThatIsWrong() {
        assertThat(file.read("{\"a\": [1]}\n{\"features\": {}, \"b\": 1}\n{\"features\": [\"x\"]}\n{\"a\": 1}"))
                .hasSize(1);
        assertThat(file.problems())
                .containsExactly(
                        "line 1: feature 'a' is not one value; a model reads numbers and texts",
                        "line 2: 'b' is beside 'features'; an object that has them has id, entity, time and attributes besides",
                        "line 3: \"x\" in the list of features is not a number");
    }

    @Test
    void saysWhereJsonOrColumnsEnd() {
        assertThat(file.read("{\"a\": 1}\n{\"a\": ")).hasSize(1);
        assertThat(file.read("amount,amount\n1,2")).isEmpty();
        assertThat(file.read("amount")).isEmpty();
        assertThat(file.problems())
                .satisfiesExactly(
                        problem -> assertThat(problem).startsWith("line 2: this is not JSON"),
                        problem -> assertThat(problem).startsWith("line 1: each column needs a name of its own"),
                        problem -> assertThat(problem).startsWith("there is no record"));
    }
}
