package dev.penstock.models.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.family.TType;

/**
 * A graph without variables that becomes a SavedModel. What it is written from is a protocol buffer that a test can
 * change first, since strangers' models are odder than what a Java export can make.
 */
public final class GraphFixture implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final MetaGraphDef.Builder metaGraph = MetaGraphDef.newBuilder();

    public GraphFixture() {
        metaGraph.getMetaInfoDefBuilder().addTags("serve").setTensorflowVersion("2.18.0");
    }

    public Ops tf() {
        return tf;
    }

    public GraphFixture signature(
            String key, Map<String, Operand<? extends TType>> inputs, Map<String, Operand<? extends TType>> outputs) {
        SignatureDef.Builder signature = SignatureDef.newBuilder().setMethodName("tensorflow/serving/predict");
        inputs.forEach((name, tensor) -> signature.putInputs(name, infoOf(tensor.asOutput())));
        outputs.forEach((name, tensor) -> signature.putOutputs(name, infoOf(tensor.asOutput())));
        metaGraph.putSignatureDef(key, signature.build());
        return this;
    }

    private static TensorInfo infoOf(Output<?> tensor) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        if (tensor.shape().isUnknown()) {
            shape.setUnknownRank(true);
        } else {
            for (long size : tensor.shape().asArray()) {
                shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
            }
        }
        return TensorInfo.newBuilder()
                .setName("%s:%d".formatted(tensor.op().name(), tensor.index()))
                .setDtype(DataType.forNumber(tensor.dataType().getNumber()))
                .setTensorShape(shape)
                .build();
    }

    /** The graph as it is now; changes to what is returned are the caller's. */
    public MetaGraphDef.Builder metaGraph() {
        return metaGraph.clone().setGraphDef(graph.toGraphDef());
    }

    public Path write(Path directory) {
        return write(directory, metaGraph().build());
    }

    public static Path write(Path directory, MetaGraphDef... graphs) {
        SavedModel model = SavedModel.newBuilder()
                .setSavedModelSchemaVersion(1)
                .addAllMetaGraphs(List.of(graphs))
                .build();
        try {
            Files.createDirectories(directory);
            Files.write(directory.resolve("saved_model.pb"), model.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    @Override
    public void close() {
        graph.close();
    }
}
