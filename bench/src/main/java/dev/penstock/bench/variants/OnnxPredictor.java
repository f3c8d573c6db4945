package dev.penstock.bench.variants;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.penstock.schemas.InferenceRequest;
import dev.penstock.schemas.VectorPayload;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.Map;

/**
 * ONNX Runtime's Java API with what serves one record best: a direct buffer that is used again, and kernels in the
 * thread that calls. Two kernel threads a session were slower here: two tasks have two cores.
 */
final class OnnxPredictor implements Predictor {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final String input;
    private final FloatBuffer values;
    private final long[] shape;
    private float[] scores = new float[0];

    private OnnxPredictor(byte[] model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(model, options);
        }
        input = session.getInputNames().iterator().next();
        long[] declared =
                ((ai.onnxruntime.TensorInfo) session.getInputInfo().get(input).getInfo()).getShape();
        shape = new long[] {1, declared[1]};
        values = ByteBuffer.allocateDirect(Math.toIntExact(declared[1]) * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    static OnnxPredictor open(Setting setting) throws Exception {
        return new OnnxPredictor(Files.readAllBytes(setting.onnx()));
    }

    @Override
    public float[] scores(InferenceRequest request) {
        ByteBuffer payload = ((VectorPayload) request.getPayload()).getValues();
        values.clear();
        values.put(payload.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer())
                .flip();
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, values, shape);
                OrtSession.Result result = session.run(Map.of(input, tensor))) {
            FloatBuffer probabilities = ((OnnxTensor) result.get(0)).getFloatBuffer();
            if (scores.length != probabilities.remaining()) {
                scores = new float[probabilities.remaining()];
            }
            probabilities.get(scores);
            return scores;
        } catch (OrtException e) {
            throw new IllegalStateException("Cannot score request " + request.getRequestId(), e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
