package dev.penstock.bench.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import dev.penstock.models.preprocessing.Example;
import dev.penstock.models.preprocessing.Prepared;
import dev.penstock.models.tensorflow.TensorFlowModel;
import dev.penstock.models.tensorflow.TensorFlowRuntime;
import dev.penstock.schemas.VectorPayload;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DenseNetworkIT {
    private final DenseNetwork network = new DenseNetwork();

    /** Else the comparison would be one of two networks. */
    @Test
    void tensorFlowAndOnnxGiveTheSameScores(@TempDir Path directory) throws Exception {
        VectorPayload payload = (VectorPayload) network.payloads().get(0);

        float[] onnx = onnx(payload);

        try (TensorFlowModel model =
                TensorFlowModel.load(network.build(directory.resolve("bundle")), TensorFlowRuntime.inCallingThread())) {
            Example row = ((Prepared.Ready) model.prepare(payload)).example();
            Map<String, Float> scores =
                    model.score(List.of(row)).get(0).deciding().highest(10);
            for (int label = 0; label < onnx.length; label++) {
                assertThat(scores.get(model.card().labels().get(label))).isCloseTo(onnx[label], within(1e-5f));
            }
        }
    }

    private float[] onnx(VectorPayload payload) throws Exception {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        FloatBuffer values =
                payload.getValues().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        float[] row = new float[values.remaining()];
        values.get(row);
        try (OrtSession session = environment.createSession(network.onnx().orElseThrow());
                OnnxTensor tensor = OnnxTensor.createTensor(environment, new float[][] {row});
                OrtSession.Result result = session.run(Map.of("pixels", tensor))) {
            return ((float[][]) result.get(0).getValue())[0];
        }
    }
}
