package dev.penstock.ingest.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.penstock.schemas.AudioPayload;
import dev.penstock.schemas.FeaturesPayload;
import dev.penstock.schemas.ImagePayload;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.TextPayload;
import dev.penstock.schemas.VectorPayload;
import dev.penstock.schemas.topics.Topic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RequestTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void hasWhatItWasGiven() {
        Request request = Request.text("spam", "customer-7", "You have won")
                .id("m-1")
                .eventTime(NOW.minusSeconds(5))
                .attribute("country", "CH")
                .build();

        assertThat(request.toRecord(NOW))
                .isEqualTo(InferenceRequest.newBuilder()
                        .setRequestId("m-1")
                        .setPipeline("spam")
                        .setEntityId("customer-7")
                        .setEventTime(NOW.minusSeconds(5))
                        .setPayload(new TextPayload("You have won"))
                        .setAttributes(Map.of("country", "CH"))
                        .setReceivedAt(NOW)
                        .build());
        assertThat(request.topic()).isEqualTo(Topic.REQUESTS_TEXT);
    }

    @Test
    void isNamedByARandomUuidAndHappensWhenItIsSentUnlessToldOtherwise() {
        Request first = Request.text("spam", "customer-7", "Hello").build();
        Request second = Request.text("spam", "customer-7", "Hello").build();

        assertThat(UUID.fromString(first.id())).isNotEqualTo(UUID.fromString(second.id()));
        assertThat(first.toRecord(NOW).getEventTime()).isEqualTo(NOW);
    }

    @Test
    void carriesEachKindOfPayloadToItsTopic() {
        byte[] file = {1, 2, 3};

        assertThat(Request.image("digits", "d", file).contentType("image/png").build())
                .satisfies(request -> assertPayload(
                        request, Topic.REQUESTS_IMAGE, new ImagePayload(ByteBuffer.wrap(file), "image/png")));
        assertThat(Request.audio("language", "s", file).build())
                .satisfies(request ->
                        assertPayload(request, Topic.REQUESTS_AUDIO, new AudioPayload(ByteBuffer.wrap(file), "")));
        assertThat(Request.features("fraud", "c")
                        .number("amount", 12.5)
                        .category("channel", "web")
                        .build())
                .satisfies(request -> assertPayload(
                        request,
                        Topic.REQUESTS_RECORD,
                        new FeaturesPayload(Map.of("amount", 12.5), Map.of("channel", "web"))));
        ByteBuffer values = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(Request.vector("fraud", "c", new float[] {1f, -2f}).build())
                .satisfies(request -> assertPayload(
                        request,
                        Topic.REQUESTS_RECORD,
                        new VectorPayload(values.putFloat(1f).putFloat(-2f).flip())));
    }

    @Test
    void doesNotChangeWithWhatItWasMadeFrom() {
        byte[] file = {1, 2, 3};
        Request.FileBuilder builder = Request.image("digits", "d", file);
        Request request = builder.build();

        file[0] = 9;
        Request later = builder.attribute("late", "yes").build();

        assertThat(request.toRecord(NOW).getPayload())
                .isEqualTo(new ImagePayload(ByteBuffer.wrap(new byte[] {1, 2, 3}), ""));
        assertThat(request.toRecord(NOW).getAttributes()).isEmpty();
        assertThat(later.toRecord(NOW).getAttributes()).containsOnlyKeys("late");
    }

    @Test
    void refusesWhatCouldNotBeScored() {
        assertRefused(() -> Request.text("Spam", "e", "x"), "Cannot send to pipeline 'Spam'");
        assertRefused(() -> Request.text("spam", " ", "x"), "Cannot use the entity's id: it has 1 characters");
        assertRefused(() -> Request.text("spam", "x".repeat(257), "x"), "it has 257 characters");
        assertRefused(() -> Request.text("spam", "e", "x").id(""), "Cannot use the request's id: it has 0 characters");
        assertRefused(() -> Request.text("spam", "e", ""), "Cannot send an empty text");
        assertRefused(() -> Request.text("spam", "e", "half \ud83d"), "half a surrogate pair");
        assertRefused(() -> Request.image("digits", "e", new byte[0]), "Cannot send an empty file");
        assertRefused(() -> Request.vector("fraud", "e", new float[0]), "Cannot send an empty vector");
        assertRefused(
                () -> Request.vector("fraud", "e", new float[] {1f, Float.NaN}),
                "Cannot send value 1 of the vector: it is NaN");
        assertRefused(() -> Request.features("fraud", "e").build(), "Cannot send an empty record");
        assertRefused(
                () -> Request.features("fraud", "e").number("amount", Double.POSITIVE_INFINITY),
                "Cannot send feature 'amount': it is Infinity");
        assertRefused(
                () -> Request.text("spam", "e", "x").eventTime(Instant.EPOCH.minusMillis(1)),
                "Cannot send an event of 1969-12-31T23:59:59.999Z: it is before 1970");
    }

    private static void assertPayload(Request request, Topic topic, Object payload) {
        assertThat(request.topic()).isEqualTo(topic);
        assertThat(request.toRecord(NOW).getPayload()).isEqualTo(payload);
    }

    private static void assertRefused(ThrowingCallable building, String reason) {
        assertThatIllegalArgumentException().isThrownBy(building).withMessageContaining(reason);
    }
}
