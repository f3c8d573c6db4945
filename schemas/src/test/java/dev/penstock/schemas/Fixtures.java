package dev.penstock.schemas;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Valid records, the same at each call but for what is asked for. Pipelines and models are named as in the example
 * {@code pipelines.yaml}.
 */
public final class Fixtures {
    public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
    public static final String SOME_DIGEST = "0123456789abcdef".repeat(4);

    private static final int SAMPLE_RATE = 8_000;

    private Fixtures() {}

    public static InferenceRequest someTextRequest(String requestId) {
        return request(requestId, "spam", new TextPayload("win a prize now"));
    }

    /** A grey PNG of 28 by 28 pixels. */
    public static InferenceRequest someImageRequest(String requestId) {
        return request(requestId, "digits", new ImagePayload(ByteBuffer.wrap(somePng(28, 28)), "image/png"));
    }

    /** A second of a tone: mono, 8 kHz, 16 bits. */
    public static InferenceRequest someAudioRequest(String requestId) {
        return request(requestId, "language", new AudioPayload(ByteBuffer.wrap(someWave(SAMPLE_RATE)), "audio/wav"));
    }

    public static InferenceRequest someRecordRequest(String requestId) {
        return request(
                requestId,
                "fraud",
                new FeaturesPayload(Map.of("amount", 42.5, "risk", 0.25), Map.of("channel", "online")));
    }

    public static InferenceRequest someVectorRequest(String requestId, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return request(requestId, "fraud-vector", new VectorPayload(bytes));
    }

    /** A request of the pipeline's with any payload, of the entity {@code customer-7}. */
    public static InferenceRequest request(String requestId, String pipeline, Object payload) {
        return InferenceRequest.newBuilder()
                .setRequestId(requestId)
                .setPipeline(pipeline)
                .setEntityId("customer-7")
                .setEventTime(NOON)
                .setPayload(payload)
                .setAttributes(Map.of("country", "FR"))
                .setOrigin(new Origin("mail.received", 3, 42L))
                .setReceivedAt(NOON.plusMillis(5))
                .build();
    }

    /** Version 3 of model {@code spam} decided for {@code spam}. */
    public static Prediction somePrediction(String requestId) {
        return Prediction.newBuilder()
                .setPredictionId("f81d4fae-7dec-51d0-a765-00a0c91e6bf6")
                .setRequestId(requestId)
                .setPipeline("spam")
                .setEntityId("customer-7")
                .setEventTime(NOON)
                .setOrigin(new Origin("mail.received", 3, 42L))
                .setAttributes(Map.of("country", "FR"))
                .setModel("spam")
                .setModelVersion(3)
                .setBundleDigest(SOME_DIGEST)
                .setVariant(Variant.CHAMPION)
                .setOutcome(new Decision("spam", 0.9375, List.of("spam")))
                .setScores(Map.of("ham", 0.0625f, "spam", 0.9375f))
                .setThreshold(0.5)
                .setPolicyVersion(1)
                .setTiming(Timing.newBuilder()
                        .setReceivedAt(NOON.plusMillis(5))
                        .setRequestedAt(NOON.plusMillis(7))
                        .setScoredAt(NOON.plusMillis(11))
                        .setDecodeMicros(120)
                        .setScoreMicros(900)
                        .build())
                .build();
    }

    /** A text model whose bundle travels in one chunk; its card is not one that could be read. */
    public static ModelVersion someModelVersion(String model, int version) {
        return ModelVersion.newBuilder()
                .setModel(model)
                .setVersion(version)
                .setModality(Modality.TEXT)
                .setDigest(SOME_DIGEST)
                .setSizeBytes(1_000)
                .setCard("name: " + model)
                .setLocation(ArtifactLocation.newBuilder().setChunks(1).build())
                .setPublishedAt(NOON)
                .setPublishedBy("ada")
                .build();
    }

    public static Alert someAlert(String model) {
        return Alert.newBuilder()
                .setModel(model)
                .setModelVersion(3)
                .setCode(AlertCode.VERSION_REFUSED)
                .setMessage("Version 3 of model '%s' is refused: its bundle is damaged".formatted(model))
                .setRaisedBy("inference")
                .setRaisedAt(NOON)
                .build();
    }

    /** A grey gradient. */
    public static byte[] somePng(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int x = 0; x < width; x++) {
            for (int y = 0; y < height; y++) {
                image.getRaster().setSample(x, y, 0, 255 * x / width);
            }
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }

    /** A tone of 440 Hz: RIFF WAVE, mono, 8 kHz, 16 bits. */
    public static byte[] someWave(int samples) {
        int header = 44;
        ByteBuffer wave = ByteBuffer.allocate(header + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
        wave.put(ascii("RIFF")).putInt(header - 8 + 2 * samples).put(ascii("WAVEfmt "));
        wave.putInt(16)
                .putShort((short) 1)
                .putShort((short) 1)
                .putInt(SAMPLE_RATE)
                .putInt(2 * SAMPLE_RATE);
        wave.putShort((short) 2).putShort((short) 16).put(ascii("data")).putInt(2 * samples);
        for (int sample = 0; sample < samples; sample++) {
            wave.putShort((short) (12_000 * Math.sin(2 * Math.PI * 440 * sample / SAMPLE_RATE)));
        }
        return wave.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
