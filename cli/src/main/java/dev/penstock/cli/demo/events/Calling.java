package dev.penstock.cli.demo.events;

import dev.penstock.data.Prompt;
import dev.penstock.data.Prompts;
import dev.penstock.models.architectures.LabelledPayload;
import dev.penstock.schemas.AudioPayload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;

/**
 * Spoken prompts as a telephone exchange would report recorded calls: those that a first model did not learn from. One in
 * {@value #KEPT_BACK} is kept back.
 */
public final class Calling implements EventSource {
    /** Enough that one in a hundred is some. */
    private static final int LINES = 1_000;

    private static final int KEPT_BACK = 4;

    private final Schema schema = EventSource.schemaNamed("call-recorded.avsc");
    private final RunNumber run;
    private final List<Prompt> prompts;
    private final List<Prompt> keptBack;

    /** @param learned the first so many prompts, which are neither sent nor kept back */
    public Calling(int learned, RunNumber run) {
        this.run = run;
        List<Prompt> all = new ArrayList<>(Prompts.bootstrap());
        all.addAll(Prompts.stream());
        List<Prompt> unknown = all.subList(learned, all.size());
        keptBack = EveryNth.of(unknown, KEPT_BACK);
        prompts = EveryNth.others(unknown, KEPT_BACK);
    }

    @Override
    public String pipeline() {
        return "languages";
    }

    @Override
    public String topic() {
        return "calls.recorded";
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public int distinct(int count) {
        return Math.min(count, prompts.size());
    }

    @Override
    public List<DemoEvent> good(int count, Instant from, long seed) {
        List<DemoEvent> events = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            Prompt prompt = prompts.get(index % prompts.size());
            String id = run.id("call-%06d".formatted(index));
            events.add(DemoEvent.good(
                    id,
                    line(index),
                    call(id, index, from.plusMillis(index), prompt.wav().toArray()),
                    prompt.label()));
        }
        return events;
    }

    @Override
    public List<LabelledPayload> keptBack() {
        return keptBack.stream()
                .map(prompt -> new LabelledPayload(
                        new AudioPayload(ByteBuffer.wrap(prompt.wav().toArray()), "audio/wav"), prompt.label()))
                .toList();
    }

    @Override
    public List<DemoEvent> broken(Instant at, long seed) {
        byte[] wrongLength = prompts.get(0).wav().toArray();
        int claimed = 50_000_000;
        ByteBuffer.wrap(wrongLength).order(ByteOrder.LITTLE_ENDIAN).putInt(dataLength(wrongLength), claimed);
        // The first frame of an MP3 file.
        byte[] mp3 = HexFormat.of().parseHex("494433030000000000" + "fffb9064" + "00".repeat(400));
        return List.of(
                broken("call-wrong-length", 0, at, wrongLength, "a WAV with a wrong length"),
                broken("call-mp3", 1, at, mp3, "an MP3 called WAV"),
                broken("call-empty", 2, at, new byte[0], "an empty recording"));
    }

    private DemoEvent broken(String name, int number, Instant at, byte[] recording, String fault) {
        String id = run.id(name);
        return DemoEvent.broken(id, line(number), call(id, number, at, recording), fault);
    }

    private GenericRecord call(String id, int number, Instant started, byte[] recording) {
        return new GenericRecordBuilder(schema)
                .set("callId", id)
                .set("line", number % LINES)
                .set("startedAt", started.toString())
                .set(
                        "codec",
                        new GenericData.EnumSymbol(schema.getField("codec").schema(), "MULAW"))
                .set("recording", ByteBuffer.wrap(recording))
                .build();
    }

    private static int dataLength(byte[] wav) {
        for (int index = 0; index < wav.length - 8; index++) {
            if (wav[index] == 'd' && wav[index + 1] == 'a' && wav[index + 2] == 't' && wav[index + 3] == 'a') {
                return index + 4;
            }
        }
        throw new IllegalStateException("Cannot break this clip: it has no data chunk");
    }

    private static String line(int number) {
        return "line-" + number % LINES;
    }
}
