package dev.penstock.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;

/** Values of any schema, drawn with a seed: every field that a schema has, one that it gains tomorrow too. */
public final class RandomValues {
    private static final String LETTERS = "abcXYZ019-_ éß中🔑\u0000";
    private static final int MOST_ITEMS = 4;

    private final Random random;

    public RandomValues(long seed) {
        random = new Random(seed);
    }

    /** One of a generated class. */
    public <T extends SpecificRecord> T of(Class<T> type) {
        SpecificData data = SpecificData.getForClass(type);
        Schema schema = data.getSchema(type);
        try {
            return new SpecificDatumReader<T>(schema, schema, data)
                    .read(null, DecoderFactory.get().binaryDecoder(encoded(schema), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One in Avro's binary encoding, as Avro writes it. */
    public byte[] encoded(Schema schema) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        try {
            new GenericDatumWriter<>(schema).write(of(schema), encoder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private Object of(Schema schema) {
        return switch (schema.getType()) {
            case RECORD -> {
                GenericRecord made = new GenericData.Record(schema);
                schema.getFields().forEach(field -> made.put(field.pos(), of(field.schema())));
                yield made;
            }
            case ENUM ->
                new GenericData.EnumSymbol(
                        schema,
                        schema.getEnumSymbols()
                                .get(random.nextInt(schema.getEnumSymbols().size())));
            case UNION ->
                of(schema.getTypes().get(random.nextInt(schema.getTypes().size())));
            case ARRAY -> {
                List<Object> items = new ArrayList<>();
                for (int item = random.nextInt(MOST_ITEMS); item > 0; item--) {
                    items.add(of(schema.getElementType()));
                }
                yield items;
            }
            case MAP -> {
                Map<String, Object> entries = new LinkedHashMap<>();
                for (int entry = random.nextInt(MOST_ITEMS); entry > 0; entry--) {
                    entries.put(text(), of(schema.getValueType()));
                }
                yield entries;
            }
            case STRING -> text();
            case BYTES -> {
                byte[] content = new byte[random.nextInt(300)];
                random.nextBytes(content);
                yield ByteBuffer.wrap(content);
            }
            case INT -> (int) number();
            case LONG -> schema.getLogicalType() == null ? number() : number() >> 12;
            case FLOAT -> Float.intBitsToFloat(random.nextInt());
            case DOUBLE -> random.nextInt(5) == 0 ? Double.NaN : random.nextGaussian();
            case BOOLEAN -> random.nextBoolean();
            case NULL -> null;
            case FIXED -> throw new IllegalArgumentException("Cannot draw a value of " + schema);
        };
    }

    /** Of every length in bytes alike. */
    private long number() {
        return random.nextLong() >> random.nextInt(Long.SIZE);
    }

    private String text() {
        int letters = random.nextInt(random.nextInt(10) == 0 ? 200 : 12);
        int[] codePoints = LETTERS.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int letter = 0; letter < letters; letter++) {
            text.appendCodePoint(codePoints[random.nextInt(codePoints.length)]);
        }
        return text.toString();
    }
}
