package dev.penstock.inference.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.flink.records.InputRecord;
import org.junit.jupiter.api.Test;

class WaitingRoomTest {
    private final WaitingRoom room = new WaitingRoom(new WaitingRoom.Limits(3, 10_000));

    @Test
    void letsThoseOfAModelOutInTheOrderTheyCame() {
        room.add("spam", record(1, 10));
        room.add("toxicity", record(2, 10));
        room.add("spam", record(3, 10));

        assertThat(room.leave("spam")).extracting(InputRecord::offset).containsExactly(1L, 3L);
        assertThat(room.leave("spam")).isEmpty();
        assertThat(room.all()).extracting(InputRecord::offset).containsExactly(2L);
        assertThat(room.models()).containsExactly("toxicity");
    }

    @Test
    void isFullAtItsNumberOfRecords() {
        room.add("spam", record(1, 10));
        room.add("spam", record(2, 10));
        assertThat(room.isFull()).isFalse();

        room.add("toxicity", record(3, 10));

        assertThat(room.isFull()).isTrue();
        room.leave("toxicity");
        assertThat(room.isFull()).isFalse();
    }

    @Test
    void isFullAtItsNumberOfBytes() {
        room.add("spam", record(1, 9_000));
        assertThat(room.isFull()).isFalse();

        room.add("spam", record(2, 1_000));

        assertThat(room.isFull()).isTrue();
        assertThat(room.leave("spam")).hasSize(2);
        assertThat(room.isFull()).isFalse();
        assertThat(room.size()).isZero();
    }

    private static InputRecord record(long offset, int bytes) {
        return new InputRecord("requests.text", 0, offset, 0, null, new byte[bytes]);
    }
}
