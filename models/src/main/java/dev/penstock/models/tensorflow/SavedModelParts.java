package dev.penstock.models.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.MetaGraphDef;

/** The files beside {@code saved_model.pb} that a graph needs: its variables and its assets. */
final class SavedModelParts {
    private static final String REMEDY = "copy the whole directory that the model was exported to";
    private static final Pattern SHARD = Pattern.compile("variables\\.data-(\\d{5})-of-(\\d{5})");

    private final Path savedModel;
    private final MetaGraphDef graph;

    SavedModelParts(Path savedModel, MetaGraphDef graph) {
        this.savedModel = savedModel;
        this.graph = graph;
    }

    /**
     * Without the index TensorFlow loads the model all the same, and every call fails.
     *
     * @param needed whether what is to be served reads variables
     * @throws UnservableException if a file of them is missing
     */
    void requireVariables(boolean needed) {
        Path variables = savedModel.resolve("variables");
        boolean index = Files.exists(variables.resolve("variables.index"));
        if (!index && needed && graph.hasSaverDef()) {
            throw missing("variables/variables.index");
        }
        if (index && graph.hasSaverDef()) {
            requireShards(variables);
        }
    }

    /** Each shard's name says how many there are. */
    private static void requireShards(Path variables) {
        List<Matcher> shards;
        try (Stream<Path> found = Files.list(variables)) {
            shards = found.map(file -> SHARD.matcher(String.valueOf(file.getFileName())))
                    .filter(Matcher::matches)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list %s".formatted(variables), e);
        }
        if (shards.isEmpty()) {
            throw missing("variables/variables.data-00000-of-00001");
        }
        int count = Integer.parseInt(shards.get(0).group(2));
        for (int shard = 0; shard < count; shard++) {
            String name = "variables.data-%05d-of-%05d".formatted(shard, count);
            if (!Files.exists(variables.resolve(name))) {
                throw missing("variables/" + name);
            }
        }
    }

    /** @throws UnservableException if a file is missing, or the graph names one that is not the model's own */
    void requireAssets() {
        Path assets = savedModel.resolve("assets");
        for (AssetFileDef asset : MetaGraphs.assetsOf(graph)) {
            if (!isInside(assets, asset.getFilename())) {
                throw new UnservableException(
                        "its asset '%s' is a file outside of the model; use a model from a source that you trust"
                                .formatted(asset.getFilename()));
            }
            if (!Files.exists(assets.resolve(asset.getFilename()))) {
                throw missing("assets/" + asset.getFilename());
            }
        }
    }

    private static boolean isInside(Path assets, String name) {
        try {
            Path file = assets.resolve(name).normalize();
            return file.startsWith(assets.normalize()) && !file.equals(assets.normalize());
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static UnservableException missing(String file) {
        return new UnservableException("its %s is missing; %s".formatted(file, REMEDY));
    }
}
