package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.schemas.wire.IncompatibleSchemaException;
import dev.penstock.schemas.wire.SchemaRegistry;
import dev.penstock.schemas.wire.UnknownSchemaException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {
    private static final Schema ORDER =
            SchemaBuilder.record("Order").fields().requiredString("id").endRecord();
    private static final Schema ORDER_WITH_NOTE = SchemaBuilder.record("Order")
            .fields()
            .requiredString("id")
            .optionalString("note")
            .endRecord();
    private static final Schema ORDER_WITH_AMOUNT = SchemaBuilder.record("Order")
            .fields()
            .requiredString("id")
            .requiredDouble("amount")
            .endRecord();

    @TempDir
    private Path directory;

    private EmbeddedRegistry server;
    private SchemaRegistry client;

    @BeforeEach
    void start() {
        server = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        client = SchemaRegistry.connect(server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void givesOneSchemaOneIdInAllSubjects() {
        int id = client.register("orders-value", ORDER);

        assertThat(client.register("returns-value", ORDER)).isEqualTo(id);
        assertThat(client.schema(id)).isEqualTo(ORDER);
    }

    @Test
    void refusesAChangeThatOldReadersCouldNotRead() {
        client.requireCompatibility("orders-value", "FULL_TRANSITIVE");
        client.register("orders-value", ORDER);
        client.register("orders-value", ORDER_WITH_NOTE);

        assertThatThrownBy(() -> client.register("orders-value", ORDER_WITH_AMOUNT))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageContaining("orders-value")
                .hasMessageContaining("amount");
    }

    @Test
    void keepsIdsAndLevelsOverARestart() {
        client.requireCompatibility("orders-value", "FULL_TRANSITIVE");
        int first = client.register("orders-value", ORDER);
        int second = client.register("orders-value", ORDER_WITH_NOTE);

        server.close();
        server = EmbeddedRegistry.start(directory.resolve("schemas.jsonl"), 0);
        SchemaRegistry afterwards = SchemaRegistry.connect(server.url());

        assertThat(afterwards.schema(first)).isEqualTo(ORDER);
        assertThat(afterwards.schema(second)).isEqualTo(ORDER_WITH_NOTE);
        assertThatThrownBy(() -> afterwards.register("orders-value", ORDER_WITH_AMOUNT))
                .isInstanceOf(IncompatibleSchemaException.class);
    }

    @Test
    void saysThatAnIdIsUnknown() {
        assertThatThrownBy(() -> client.schema(4711))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("4711");
    }

    @Test
    void answersAsConfluentsDoes() throws Exception {
        client.register("orders-value", ORDER);

        assertThat(call("/subjects")).isEqualTo("[\"orders-value\"]");
        assertThat(call("/subjects/orders-value/versions")).isEqualTo("[1]");
        assertThat(call("/subjects/orders-value/versions/latest")).contains("\"version\":1", "\"id\":1");
        assertThat(call("/apis/ccompat/v7/schemas/ids/1")).contains("Order");
        assertThat(call("/config")).isEqualTo("{\"compatibilityLevel\":\"BACKWARD\"}");
        assertThat(call("/subjects/absent/versions")).contains("40401");
    }

    private String call(String path) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server.url() + path)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }
}
