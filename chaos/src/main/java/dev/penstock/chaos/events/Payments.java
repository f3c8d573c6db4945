package dev.penstock.chaos.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.schemas.FeaturesPayload;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Made-up card payments, counted from 0: the same number is the same payment but for its time. One of two hundred has
 * bytes that no schema describes, and one of two hundred lacks a feature without which the model cannot score it.
 */
public final class Payments {
    public static final String TOPIC = "chaos.payments";
    /** Header of the event's number, for what has lost all else. */
    public static final String NUMBER = "chaos-number";

    /** What the model is asked about. */
    public static final List<String> FEATURES =
            List.of("amount", "hour", "card-count", "card-mean", "terminal-count", "distance");

    static final Schema SCHEMA = schema();

    private static final int BAD_EVERY = 200;
    private static final int GARBAGE_AT = 57;
    private static final int INCOMPLETE_AT = 157;
    private static final String ID_PREFIX = "payment-";

    private final int entities;
    private final int partitions;

    /** What a payment is good for. */
    public enum Kind {
        GOOD,
        /** Bytes that cannot be decoded: ingest gives them up. */
        GARBAGE,
        /** Without a feature that the model needs: inference gives it up. */
        INCOMPLETE
    }

    /**
     * @param entities that take turns, so that each has many payments
     * @param partitions of the source topic
     */
    public Payments(int entities, int partitions) {
        if (entities < partitions || partitions < 1) {
            throw new IllegalArgumentException("Cannot spread %d entities over %d partitions: use one or more for each"
                    .formatted(entities, partitions));
        }
        this.entities = entities;
        this.partitions = partitions;
    }

    public Kind kind(long number) {
        int place = (int) (number % BAD_EVERY);
        if (place == GARBAGE_AT) {
            return Kind.GARBAGE;
        }
        return place == INCOMPLETE_AT ? Kind.INCOMPLETE : Kind.GOOD;
    }

    public String entity(long number) {
        return "card-" + number % entities;
    }

    /** Where it goes in the source topic: an entity has one partition. */
    public int partition(long number) {
        return (int) (number % entities % partitions);
    }

    public int partitions() {
        return partitions;
    }

    public static String id(long number) {
        return ID_PREFIX + number;
    }

    /** @return the event of a request; -1 if it is none of these */
    public static long number(String id) {
        if (!id.startsWith(ID_PREFIX)) {
            return -1;
        }
        try {
            return Long.parseLong(id.substring(ID_PREFIX.length()));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** As it is sent, where it is not {@link Kind#GARBAGE}. */
    GenericRecord record(long number, Instant at) {
        Map<String, Double> values = features(number);
        GenericRecord record = new GenericData.Record(SCHEMA);
        record.put("id", id(number));
        record.put("card", entity(number));
        record.put("at", at.toEpochMilli());
        values.forEach((name, value) -> record.put(field(name), value));
        if (kind(number) == Kind.INCOMPLETE) {
            record.put(field(FEATURES.get(0)), null);
        }
        return record;
    }

    byte[] garbage(long number) {
        return ("no record, but event " + number).getBytes(UTF_8);
    }

    /** The same as the model is trained with. */
    static FeaturesPayload payload(long number) {
        return new FeaturesPayload(features(number), Map.of());
    }

    private static Map<String, Double> features(long number) {
        SplittableRandom random = new SplittableRandom(number);
        Map<String, Double> values = new LinkedHashMap<>();
        FEATURES.forEach(name -> values.put(name, Math.rint(random.nextDouble() * 10_000) / 100));
        return values;
    }

    /** Avro's names have no hyphens. */
    public static String field(String feature) {
        return feature.replace('-', '_');
    }

    private static Schema schema() {
        SchemaBuilder.FieldAssembler<Schema> fields = SchemaBuilder.record("Payment")
                .namespace("dev.penstock.chaos")
                .fields()
                .requiredString("id")
                .requiredString("card")
                .requiredLong("at");
        for (String feature : FEATURES) {
            fields = fields.optionalDouble(field(feature));
        }
        return fields.endRecord();
    }
}
