package dev.penstock.bench.variants;

import dev.penstock.models.bundle.Bundle;
import dev.penstock.models.card.ModelCard;
import dev.penstock.schemas.Decision;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.Origin;
import dev.penstock.schemas.Prediction;
import dev.penstock.schemas.Timing;
import dev.penstock.schemas.Variant;
import dev.penstock.schemas.wire.AvroDeserializer;
import dev.penstock.schemas.wire.AvroSerializer;
import dev.penstock.schemas.wire.SchemaRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A peer's whole work on one record: Avro in, one call, Avro out. Its predictions have every field that the product's
 * have; what the product finds out about each (ids, digest, origin, timing) is the same text each time here, which costs
 * a peer nothing. For one thread.
 */
final class RecordScorer implements AutoCloseable {
    private static final String SOME_ID = "00000000-0000-5000-8000-000000000000";
    private static final int MOST_SCORES = 10;

    private final AvroDeserializer<InferenceRequest> deserializer;
    private final AvroSerializer<Prediction> serializer;
    private final Predictor predictor;
    private final ModelCard card;
    private final String digest;

    RecordScorer(Setting setting, Predictor predictor) throws IOException {
        SchemaRegistry registry = SchemaRegistry.connect(setting.registryUrl());
        Bundle bundle = Bundle.open(setting.bundle());
        this.deserializer = AvroDeserializer.ofRequests(registry);
        this.serializer = new AvroSerializer<>(registry);
        this.predictor = predictor;
        this.card = bundle.card();
        this.digest = bundle.digest();
    }

    /** @return the prediction's bytes; its request's id is the record's key already */
    byte[] score(Route route, byte[] record) {
        InferenceRequest request = deserializer.deserialize(route.requests(), record);
        if (request == null) {
            throw new IllegalStateException("Cannot score a record without a value");
        }
        float[] scores = predictor.scores(request);
        byte[] bytes = serializer.serialize(route.answers(), prediction(route, request, scores));
        if (bytes == null) {
            throw new IllegalStateException("Cannot write a prediction");
        }
        return bytes;
    }

    private Prediction prediction(Route route, InferenceRequest request, float[] scores) {
        List<String> labels = card.labels();
        boolean isBinary = scores.length == 1;
        int likeliest = 0;
        Map<String, Float> byLabel = new HashMap<>();
        for (int index = 0; index < scores.length; index++) {
            likeliest = scores[index] > scores[likeliest] ? index : likeliest;
            if (index < MOST_SCORES) {
                byLabel.put(labels.get(isBinary ? 1 : index), scores[index]);
            }
        }
        String label = labels.get(likeliest);
        // Not by its builder, which looks at every field's default.
        return new Prediction(
                SOME_ID,
                request.getRequestId(),
                request.getPipeline(),
                request.getEntityId(),
                request.getEventTime(),
                new Origin(route.requests(), 0, 0L),
                request.getAttributes(),
                card.name(),
                card.version(),
                digest,
                Variant.CHAMPION,
                new Decision(label, (double) scores[likeliest], List.of(label)),
                byLabel,
                Map.of(),
                "none",
                card.decision().threshold(),
                card.decision().abstainBelow(),
                card.decision().version(),
                new Timing(Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 0L, 0L, 1),
                Map.of(),
                1d);
    }

    @Override
    public void close() {
        predictor.close();
    }
}
