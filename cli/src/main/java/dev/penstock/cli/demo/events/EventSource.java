package dev.penstock.cli.demo.events;

import dev.penstock.models.architectures.LabelledPayload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;

/** The events of one pipeline, as the system that owns its topic would produce them. */
public interface EventSource {
    /** How many of every hundred good events are sent twice. */
    int DUPLICATES_PER_HUNDRED = 2;

    /** Name of the pipeline that reads them. */
    String pipeline();

    String topic();

    Schema schema();

    /**
     * How many events can be made before inputs come again under new ids.
     *
     * @param count how many are asked for
     */
    int distinct(int count);

    /** Events with known truth, in order. */
    List<DemoEvent> good(int count, Instant from, long seed);

    /** Inputs with known truth that are never sent, by which versions can be compared. */
    List<LabelledPayload> keptBack();

    /** Events that are broken on purpose, each in a way of its own. */
    List<DemoEvent> broken(Instant at, long seed);

    /**
     * Good events, with broken ones and repetitions between the first of them; the very first is good.
     *
     * @param opening how many good ones those first ones are, at most {@code count}
     */
    default List<DemoEvent> all(int count, int opening, Instant from, long seed) {
        List<DemoEvent> good = good(count, from, seed);
        List<DemoEvent> events = new ArrayList<>(good.subList(0, opening));
        Random random = new Random(seed);
        for (int repetition = 0; repetition < Math.max(1, opening * DUPLICATES_PER_HUNDRED / 100); repetition++) {
            int original = random.nextInt(events.size());
            int later = original + 1 + random.nextInt(events.size() - original);
            events.add(later, events.get(original).again());
        }
        for (DemoEvent event : broken(from, seed)) {
            events.add(1 + random.nextInt(events.size()), event);
        }
        events.addAll(good.subList(opening, count));
        return List.copyOf(events);
    }

    /** Reads a schema that lies beside this class's package. */
    static Schema schemaNamed(String file) {
        try (InputStream schema = EventSource.class.getResourceAsStream("/dev/penstock/cli/demo/" + file)) {
            if (schema == null) {
                throw new IllegalStateException("Cannot find schema %s in the jar".formatted(file));
            }
            return new Schema.Parser().parse(schema);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read schema " + file, e);
        }
    }
}
