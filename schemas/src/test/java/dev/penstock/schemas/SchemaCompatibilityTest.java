package dev.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every version that was ever published can read the present one and be read by it: FULL_TRANSITIVE. */
class SchemaCompatibilityTest {
    static List<String> names() {
        return PresentSchemas.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void breaksNobody(String name) {
        assertThat(SchemaHistory.read(name).complaints(PresentSchemas.named(name)))
                .isEmpty();
    }

    @Test
    void aNewFieldWithoutADefaultIsCaught() {
        Schema origin = PresentSchemas.named("Origin");
        Schema broken = with(origin, new Schema.Field("leader", Schema.create(Schema.Type.INT), "Its leader."));

        assertThat(SchemaHistory.of("Origin", origin, broken).complaints(broken))
                .singleElement()
                .asString()
                .startsWith("Cannot change Origin at field 'leader': this version could not read records of version 1")
                .endsWith("give a new field a default, and leave fields without one where they are");
    }

    @Test
    void aFieldTakenAwayFromOldReadersIsCaught() {
        Schema origin = PresentSchemas.named("Origin");
        Schema broken = record(origin, origin.getFields().stream().limit(2));

        assertThat(SchemaHistory.of("Origin", origin, broken).complaints(broken))
                .singleElement()
                .asString()
                .contains("field 'offset'", "version 1 could not read records of this version");
    }

    @Test
    void aChangeDeepInsideIsCaughtAndNamed() {
        Schema request = PresentSchemas.named("InferenceRequest");
        Schema broken = parse(request, "{\"name\":\"text\",\"type\":\"string\"", "{\"name\":\"text\",\"type\":\"int\"");

        assertThat(SchemaHistory.of("InferenceRequest", request, broken).complaints(broken))
                .hasSize(2)
                .allSatisfy(complaint -> assertThat(complaint).contains("field 'payload'"));
    }

    @Test
    void aNewKindOfPayloadThatOldReadersDoNotKnowIsCaught() {
        Schema request = PresentSchemas.named("InferenceRequest");
        Schema.Field payload = request.getField("payload");
        Schema video = Schema.createRecord("VideoPayload", "A film.", "dev.penstock.schemas", false, List.of());
        Schema wider = Schema.createUnion(Stream.concat(payload.schema().getTypes().stream(), Stream.of(video))
                .toList());
        Schema broken = record(
                request,
                request.getFields().stream()
                        .map(field -> field.equals(payload) ? new Schema.Field(field, wider) : field));

        assertThat(SchemaHistory.of("InferenceRequest", request, broken).complaints(broken))
                .singleElement()
                .asString()
                .contains("field 'payload'", "version 1 could not read", "add a new optional field instead");
    }

    @Test
    void aBreakWithAnyEarlierVersionIsCaughtAndNotOnlyWithTheLast() {
        Schema origin = PresentSchemas.named("Origin");
        Schema optional = Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
        Schema second = with(origin, new Schema.Field("cluster", optional, "Its cluster.", JsonProperties.NULL_VALUE));
        Schema first =
                with(origin, new Schema.Field("cluster", Schema.create(Schema.Type.LONG), "Its cluster's number.", 0L));

        assertThat(SchemaHistory.of("Origin", first, origin, second).complaints(second))
                .isNotEmpty()
                .allSatisfy(
                        complaint -> assertThat(complaint).contains("version 1").contains("field 'cluster'"));
    }

    @Test
    void aChangeThatIsNotInTheHistoryIsCaught() {
        Schema origin = PresentSchemas.named("Origin");
        Schema fine = with(origin, new Schema.Field("leader", Schema.create(Schema.Type.INT), "Its leader.", 0));

        assertThat(SchemaHistory.of("Origin", origin).complaints(fine))
                .containsExactly("Cannot find this Origin in its history: add it as %s"
                        .formatted(SchemaHistory.DIRECTORY.resolve("Origin/2.avsc")));
    }

    private static Schema with(Schema schema, Schema.Field field) {
        return record(schema, Stream.concat(schema.getFields().stream(), Stream.of(field)));
    }

    private static Schema record(Schema schema, Stream<Schema.Field> fields) {
        List<Schema.Field> copies =
                fields.map(field -> new Schema.Field(field, field.schema())).toList();
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, copies);
    }

    private static Schema parse(Schema schema, String from, String to) {
        String text = schema.toString();
        assertThat(text).contains(from);
        return new Schema.Parser().parse(text.replace(from, to));
    }
}
