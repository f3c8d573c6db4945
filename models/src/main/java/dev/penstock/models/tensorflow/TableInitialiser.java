package dev.penstock.models.tensorflow;

import dev.penstock.models.preprocessing.Example.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;

/**
 * Fills the lookup tables of models that only list how. Those that TensorFlow's exporters write name one operation that
 * does it, and TensorFlow runs that when it loads them; others have just the list that training code keeps.
 */
final class TableInitialiser {
    private static final String LIST = "table_initializer";
    private static final List<String> MAIN = List.of("saved_model_main_op", "legacy_init_op");

    private TableInitialiser() {}

    static void run(MetaGraphDef graph, Path savedModel, NativeSession session) {
        CollectionDef list = graph.getCollectionDefOrDefault(LIST, CollectionDef.getDefaultInstance());
        boolean done = MAIN.stream().anyMatch(graph::containsCollectionDef)
                || graph.getSignatureDefMap().keySet().stream().anyMatch(Signatures::isInitialiser);
        if (done || list.getNodeList().getValueCount() == 0) {
            return;
        }
        List<NativeSession.Place> feeds = new ArrayList<>();
        List<StringTensor> paths = new ArrayList<>();
        List<TF_Tensor> values = new ArrayList<>();
        try {
            for (AssetFileDef asset : MetaGraphs.assetsOf(graph)) {
                feeds.add(session.place(asset.getTensorInfo().getName()));
                String path = savedModel
                        .resolve("assets")
                        .resolve(asset.getFilename())
                        .toString();
                StringTensor tensor =
                        new StringTensor("asset", new InputLayout(false, OptionalLong.empty(), List.of()));
                paths.add(tensor);
                values.add(tensor.fill(List.of(new Value.Bytes(path.getBytes(StandardCharsets.UTF_8))), 1));
            }
            session.initialise(list.getNodeList().getValueList(), feeds, values);
        } finally {
            paths.forEach(StringTensor::close);
        }
    }
}
