package dev.penstock.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryTest {
    private static final String NESTED =
            "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Order\\\",\\\"fields\\\":[{\\\"name\\\":\\\"by\\\",\\\"type\\\":\\\"Customer\\\"}]}";
    private static final String CUSTOMER =
            "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"Customer\\\",\\\"fields\\\":[{\\\"name\\\":\\\"id\\\",\\\"type\\\":\\\"string\\\"}]}";

    private static final Schema ORDER =
            SchemaBuilder.record("Order").fields().requiredString("id").endRecord();

    private HttpServer server;
    private final AtomicInteger unavailable = new AtomicInteger();
    private volatile int busyWith = 503;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void readsSchemasThatReferToOthers() {
        answer("/schemas/ids/1", 200, """
                {"schema": "%s", "references": [{"name": "Customer", "subject": "customers", "version": 1}]}""".formatted(NESTED));
        answer("/subjects/customers/versions/1", 200, """
                {"subject": "customers", "version": 1, "id": 2, "schema": "%s"}""".formatted(CUSTOMER));

        Schema schema = registry(Duration.ZERO).schema(1);

        assertThat(schema.getField("by").schema().getField("id").schema().getType())
                .isEqualTo(Schema.Type.STRING);
    }

    @Test
    void aSchemaOfAnotherFormatIsNotWaitedFor() {
        answer("/schemas/ids/1", 200, "{\"schemaType\": \"JSON\", \"schema\": \"{}\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("as schema 1 is not Avro");
    }

    @Test
    void anIdThatTheRegistryDoesNotHaveIsUnknown() {
        answer("/schemas/ids/1", 404, "{\"error_code\": 40403, \"message\": \"Schema not found\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("has no schema with id 1");
    }

    @Test
    void aRegistryThatIsAwayIsWaitedFor() {
        unavailable.set(2);
        answer("/schemas/ids/1", 200, "{\"schema\": \"%s\"}".formatted(CUSTOMER));

        Schema schema = registry(Duration.ofMinutes(1)).schema(1);

        assertThat(schema.getFullName()).isEqualTo("Customer");
        assertThat(unavailable).hasNonPositiveValue();
    }

    @Test
    void aRegistryThatStaysAwayIsInfrastructureThatFailed() {
        server.stop(0);

        assertThatThrownBy(() -> registry(Duration.ZERO).schema(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("did not answer within PT0S");
    }

    @Test
    void aPathThatIsNotTheRegistrysIsNoFaultOfTheRecord() {
        answer("/", 404, "<html>Not found</html>");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("Cannot fetch schema 1")
                .hasMessageContaining("Not found");
    }

    @Test
    void whatASchemaRefersToIsWaitedForToo() {
        answer("/schemas/ids/1", 200, """
                {"schema": "%s", "references": [{"name": "Customer", "subject": "customers", "version": 1}]}""".formatted(NESTED));
        answer("/subjects/customers/versions/1", 503, "{\"error_code\": 50302, \"message\": \"starting\"}");

        assertThatThrownBy(() -> registry(Duration.ZERO).schema(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("starting");
    }

    @Test
    void aSchemaThatThisVersionOfAvroWouldNotWriteIsRead() {
        answer("/schemas/ids/1", 200, """
                {"schema": "{\\"type\\":\\"record\\",\\"name\\":\\"Order\\",\\"fields\\":[{\\"name\\":\\"pieces\\",\\"type\\":\\"int\\",\\"default\\":\\"three\\"}]}"}""");

        assertThat(registry(Duration.ZERO).schema(1).getField("pieces")).isNotNull();
    }

    @Test
    void aSchemaThatNobodyCanReadIsUnknown() {
        answer("/schemas/ids/1", 200, "{\"schema\": \"{\\\"type\\\":\\\"rekord\\\"}\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("rekord");
    }

    @Test
    void aSchemaThatNestsDeeperThanTheStackIsUnknown() {
        int depth = 20_000;
        String array = "{\\\"type\\\":\\\"array\\\",\\\"items\\\":";
        answer(
                "/schemas/ids/1",
                200,
                "{\"schema\": \"" + array.repeat(depth) + "\\\"int\\\"" + "}".repeat(depth) + "\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1)).isInstanceOf(UnknownSchemaException.class);
    }

    @Test
    void aSchemaIsAskedForOnce() {
        answer("/schemas/ids/1", 200, "{\"schema\": \"%s\"}".formatted(CUSTOMER));
        SchemaRegistry registry = registry(Duration.ZERO);

        registry.schema(1);
        server.stop(0);

        assertThat(registry.schema(1).getFullName()).isEqualTo("Customer");
    }

    @Test
    void tooManyRequestsAreTriedLater() {
        unavailable.set(1);
        busyWith = 429;
        answer("/schemas/ids/1", 200, "{\"schema\": \"%s\"}".formatted(CUSTOMER));

        assertThat(registry(Duration.ofMinutes(1)).schema(1).getFullName()).isEqualTo("Customer");
    }

    @Test
    void aRefusedSchemaIsTheSchemasFault() {
        answer("/subjects/orders-value/versions", 409, "{\"error_code\": 409, \"message\": \"incompatible\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).register("orders-value", ORDER))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageContaining("under 'orders-value'")
                .hasMessageContaining("incompatible");
    }

    @Test
    void aRefusedUserIsNoFaultOfTheSchema() {
        answer("/subjects/orders-value/versions", 401, "{\"error_code\": 40101, \"message\": \"who are you\"}");

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).register("orders-value", ORDER))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("who are you");
    }

    @Test
    void theLoginOfTheSettingsGoesWithEveryQuestion() {
        protect("/subjects", "[\"orders-value\"]");

        SchemaRegistry known = SchemaRegistry.connect(
                url(),
                Map.of("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "user:secret"),
                Duration.ZERO);

        assertThat(known.subjects()).containsExactly("orders-value");
        assertThatThrownBy(() -> registry(Duration.ZERO).subjects())
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("401");
    }

    @Test
    void aLoginInTheUrlIsUsedAndNeverTold() {
        protect("/subjects", "[]");
        String withLogin = url().replace("://", "://user:secret@");

        SchemaRegistry registry = SchemaRegistry.connect(withLogin, Map.of(), Duration.ZERO);

        assertThat(registry.subjects()).isEmpty();
        assertThat(registry.url()).isEqualTo(url());
        assertThatThrownBy(() -> registry.schema(1)).hasMessageNotContaining("secret");
    }

    @Test
    void settingsThatCannotBeUsedAreRefused() {
        Map<String, String> settings = Map.of("schema.registry.ssl.truststore.location", "/no/such.p12");

        assertThatThrownBy(() -> SchemaRegistry.connect(url(), settings, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("/no/such.p12");
    }

    @Test
    void aThreadThatIsInterruptedStopsWaiting() {
        unavailable.set(Integer.MAX_VALUE);
        answer("/schemas/ids/1", 200, "{}");
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> registry(Duration.ofMinutes(10)).schema(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessageContaining("interrupted");

        assertThat(Thread.interrupted()).isTrue();
    }

    private SchemaRegistry registry(Duration patience) {
        return SchemaRegistry.connect(url(), Map.of(), patience);
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** Answers user {@code user} with password {@code secret} alone. */
    private void protect(String path, String body) {
        answer(path, 200, body).setAuthenticator(new BasicAuthenticator("registry") {
            @Override
            public boolean checkCredentials(String user, String password) {
                return user.equals("user") && password.equals("secret");
            }
        });
    }

    private HttpContext answer(String path, int status, String body) {
        return server.createContext(path, exchange -> {
            boolean available = unavailable.getAndDecrement() <= 0;
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
            exchange.sendResponseHeaders(available ? status : busyWith, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }
}
