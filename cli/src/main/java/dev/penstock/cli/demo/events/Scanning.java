package dev.penstock.cli.demo.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.data.Digit;
import dev.penstock.data.Digits;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.schemas.ImagePayload;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/** Handwritten digits as scanning stations would report them. One in {@value #KEPT_BACK} is kept back. */
public final class Scanning implements EventSource {
    /** Enough that one in a hundred is some. */
    private static final int STATIONS = 1_000;

    private static final int KEPT_BACK = 5;
    private static final int ABSURD_PIXELS = 60_000;
    /** Where width and height stand in a PNG: after the signature, and the length and name of the header chunk. */
    private static final int PNG_WIDTH = 16;

    private static final int PNG_HEADER_NAME = 12;
    private static final int PNG_HEADER_CHECKSUM = 29;

    private final Schema schema = EventSource.schemaNamed("scan-captured.avsc");
    private final RunNumber run;
    private final List<Digit> digits = EveryNth.others(Digits.stream(), KEPT_BACK);

    public Scanning(RunNumber run) {
        this.run = run;
    }

    @Override
    public String pipeline() {
        return "digits";
    }

    @Override
    public String topic() {
        return "scans.captured";
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public int distinct(int count) {
        return Math.min(count, digits.size());
    }

    @Override
    public List<DemoEvent> good(int count, Instant from, long seed) {
        List<DemoEvent> events = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            Digit digit = digits.get(index % digits.size());
            String id = uuid(run.id("good-" + seed + "-" + index));
            events.add(DemoEvent.good(
                    id,
                    station(index),
                    scan(
                            id,
                            index,
                            from.plusMillis(index),
                            file("image/png", digit.png().toArray())),
                    digit.label()));
        }
        return events;
    }

    @Override
    public List<LabelledPayload> keptBack() {
        return EveryNth.of(Digits.stream(), KEPT_BACK).stream()
                .map(digit -> new LabelledPayload(
                        new ImagePayload(ByteBuffer.wrap(digit.png().toArray()), "image/png"), digit.label()))
                .toList();
    }

    @Override
    public List<DemoEvent> broken(Instant at, long seed) {
        byte[] whole = digits.get(0).png().toArray();
        byte[] truncated = Arrays.copyOf(whole, whole.length / 2);
        return List.of(
                broken("truncated", 0, at, file("image/png", truncated), "a truncated PNG"),
                broken("absurd", 1, at, file("image/png", absurdlyLarge(whole)), "a PNG that claims 60,000 x 60,000"),
                broken("text", 2, at, file("image/png", "not a picture".getBytes(UTF_8)), "text called image/png"),
                broken("none", 3, at, null, "no file"));
    }

    private DemoEvent broken(String name, int number, Instant at, @Nullable GenericRecord file, String fault) {
        String id = uuid(run.id(name));
        return DemoEvent.broken(id, station(number), scan(id, number, at, file), fault);
    }

    private GenericRecord scan(String id, int number, Instant captured, @Nullable GenericRecord file) {
        Schema scan = schema.getField("scan").schema();
        return new GenericRecordBuilder(schema)
                .set(
                        "scan",
                        new GenericRecordBuilder(scan)
                                .set("uuid", id)
                                .set("station", station(number))
                                .build())
                .set("captured_millis", captured.toEpochMilli())
                .set("file", file)
                .build();
    }

    private GenericRecord file(String mime, byte[] content) {
        Schema file = schema.getField("file").schema().getTypes().get(1);
        return new GenericRecordBuilder(file)
                .set("mime", mime)
                .set("content", ByteBuffer.wrap(content))
                .build();
    }

    // A header that any decoder believes, its checksum included.
    private static byte[] absurdlyLarge(byte[] png) {
        byte[] forged = png.clone();
        CRC32 checksum = new CRC32();
        ByteBuffer bytes = ByteBuffer.wrap(forged);
        bytes.putInt(PNG_WIDTH, ABSURD_PIXELS).putInt(PNG_WIDTH + Integer.BYTES, ABSURD_PIXELS);
        checksum.update(forged, PNG_HEADER_NAME, PNG_HEADER_CHECKSUM - PNG_HEADER_NAME);
        bytes.putInt(PNG_HEADER_CHECKSUM, (int) checksum.getValue());
        return forged;
    }

    private static String station(int number) {
        return "station-" + number % STATIONS;
    }

    private static String uuid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString();
    }
}
