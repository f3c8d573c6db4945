package dev.penstock.cli.watching;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class AvroJsonTest {
    private final AvroJson json = new AvroJson(BytesShown.SHORTENED);

    @Test
    void writesAUnionsValueWithoutItsType() {
        Schema union = SchemaBuilder.unionOf()
                .nullType()
                .and()
                .stringType()
                .and()
                .longType()
                .endUnion();

        assertThat(json.of(union, new Utf8("text"))).hasToString("\"text\"");
        assertThat(json.of(union, 7L)).hasToString("7");
        assertThat(json.of(union, null)).hasToString("null");
    }

    @Test
    void writesARecordInAUnionAsItsFields() {
        Schema inner =
                SchemaBuilder.record("Inner").fields().requiredString("name").endRecord();
        Schema outer = SchemaBuilder.record("Outer")
                .fields()
                .name("inner")
                .type()
                .unionOf()
                .nullType()
                .and()
                .type(inner)
                .endUnion()
                .noDefault()
                .endRecord();
        GenericData.Record value = new GenericData.Record(outer);
        value.put("inner", new GenericData.Record(inner));
        ((GenericData.Record) value.get("inner")).put("name", new Utf8("n"));

        assertThat(json.of(outer, value)).hasToString("{\"inner\":{\"name\":\"n\"}}");
    }

    @Test
    void writesAnEnumAsText() {
        Schema colour = SchemaBuilder.enumeration("Colour").symbols("RED", "BLUE");

        assertThat(json.of(colour, new GenericData.EnumSymbol(colour, "BLUE"))).hasToString("\"BLUE\"");
    }

    @Test
    void writesTimesAsIso8601() {
        Instant instant = Instant.parse("2026-02-28T23:59:59.123456Z");
        LocalTime time = LocalTime.parse("07:08:09.012");

        assertThat(json.of(longOf(LogicalTypes.timestampMillis()), instant.toEpochMilli()))
                .hasToString("\"2026-02-28T23:59:59.123Z\"");
        assertThat(json.of(longOf(LogicalTypes.timestampMicros()), instant.toEpochMilli() * 1000 + 456))
                .hasToString("\"2026-02-28T23:59:59.123456Z\"");
        assertThat(json.of(longOf(LogicalTypes.localTimestampMillis()), instant.toEpochMilli()))
                .hasToString("\"2026-02-28T23:59:59.123\"");
        assertThat(json.of(longOf(LogicalTypes.timeMicros()), time.toNanoOfDay() / 1000))
                .hasToString("\"07:08:09.012\"");
        assertThat(json.of(LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT)), (int)
                        LocalDate.of(2026, 2, 28).toEpochDay()))
                .hasToString("\"2026-02-28\"");
        assertThat(json.of(Schema.create(Schema.Type.LONG), 5L)).hasToString("5");
    }

    @Test
    void writesADecimalAsANumber() {
        Schema decimal = LogicalTypes.decimal(9, 2).addToSchema(Schema.create(Schema.Type.BYTES));
        ByteBuffer unscaled =
                ByteBuffer.wrap(new BigDecimal("-12.50").unscaledValue().toByteArray());

        assertThat(json.of(decimal, unscaled)).hasToString("-12.50");
    }

    @Test
    void shortensBytesToTheirNumberAndDigest() {
        ByteBuffer bytes = ByteBuffer.wrap("abc".getBytes(StandardCharsets.UTF_8));

        assertThat(json.of(Schema.create(Schema.Type.BYTES), bytes))
                .hasToString(
                        "{\"bytes\":3,\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"}");
        assertThat(bytes.remaining()).isEqualTo(3);
    }

    @Test
    void writesAllBytesIfAsked() {
        Schema fixed = SchemaBuilder.fixed("Three").size(3);

        assertThat(new AvroJson(BytesShown.FULL).of(fixed, new GenericData.Fixed(fixed, new byte[] {1, 2, 3})))
                .hasToString("{\"bytes\":3,\"base64\":\"AQID\"}");
    }

    @Test
    void writesNumbersThatJsonDoesNotKnowAsText() {
        Schema floats = Schema.createArray(Schema.create(Schema.Type.FLOAT));

        assertThat(json.of(floats, List.of(0.1f, Float.NaN, Float.NEGATIVE_INFINITY)))
                .hasToString("[0.1,\"NaN\",\"-Infinity\"]");
    }

    @Test
    void writesMapsByTheirKeys() {
        Schema map = Schema.createMap(Schema.create(Schema.Type.BOOLEAN));

        assertThat(json.of(map, Map.of(new Utf8("yes"), true))).hasToString("{\"yes\":true}");
    }

    private static Schema longOf(org.apache.avro.LogicalType type) {
        return type.addToSchema(Schema.create(Schema.Type.LONG));
    }
}
