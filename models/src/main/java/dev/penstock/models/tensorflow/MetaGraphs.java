package dev.penstock.models.tensorflow;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** Picks one of a SavedModel's graphs: the same network may be there for serving, for training, for accelerators. */
final class MetaGraphs {
    private static final Set<String> SERVE = Set.of("serve");
    private static final String OLD_ASSETS = "saved_model_assets";

    private MetaGraphs() {}

    /**
     * @param wanted exactly these tags; empty for {@code serve} or the only graph there is
     * @throws UnservableException if there is no such graph, or several could be meant
     */
    static MetaGraphDef choose(SavedModel model, Set<String> wanted) {
        List<MetaGraphDef> graphs = model.getMetaGraphsList();
        if (!wanted.isEmpty()) {
            return tagged(graphs, wanted);
        }
        if (graphs.size() == 1) {
            return graphs.get(0);
        }
        List<MetaGraphDef> serving =
                graphs.stream().filter(graph -> tagsOf(graph).equals(SERVE)).toList();
        if (serving.isEmpty()) {
            serving = graphs.stream()
                    .filter(graph -> tagsOf(graph).contains("serve"))
                    .toList();
        }
        if (serving.size() != 1) {
            throw new UnservableException(
                    "it has %d graphs, tagged %s; name the tags of one in the card, such as 'tags: %s'"
                            .formatted(graphs.size(), tagsOf(graphs), tagsOf(graphs.get(0))));
        }
        return serving.get(0);
    }

    private static MetaGraphDef tagged(List<MetaGraphDef> graphs, Set<String> wanted) {
        return graphs.stream()
                .filter(graph -> tagsOf(graph).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new UnservableException("it has no graph tagged %s as the card says; there is %s"
                        .formatted(new TreeSet<>(wanted), tagsOf(graphs))));
    }

    static Set<String> tagsOf(MetaGraphDef graph) {
        return new TreeSet<>(graph.getMetaInfoDef().getTagsList());
    }

    /** Files that tables are filled from. Exporters of TensorFlow 1 wrote them elsewhere. */
    static List<AssetFileDef> assetsOf(MetaGraphDef graph) {
        if (graph.getAssetFileDefCount() > 0) {
            return graph.getAssetFileDefList();
        }
        List<AssetFileDef> assets = new ArrayList<>();
        for (Any asset : graph.getCollectionDefOrDefault(OLD_ASSETS, CollectionDef.getDefaultInstance())
                .getAnyList()
                .getValueList()) {
            try {
                assets.add(AssetFileDef.parseFrom(asset.getValue()));
            } catch (InvalidProtocolBufferException e) {
                throw new UnservableException(
                        "its list of assets is damaged (%s); export the model anew".formatted(e.getMessage()));
            }
        }
        return assets;
    }

    private static String tagsOf(List<MetaGraphDef> graphs) {
        return graphs.stream().map(graph -> tagsOf(graph).toString()).collect(Collectors.joining(", "));
    }
}
