package dev.penstock.models.tensorflow;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a SavedModel says of itself, in words of this platform. */
public record SavedModelDescription(List<Graph> graphs) {
    public SavedModelDescription {
        graphs = List.copyOf(graphs);
    }

    /**
     * One of its graphs.
     *
     * @param madeBy version of TensorFlow; empty if it does not say
     * @param assets file names, such as vocabularies
     * @param operations nodes in the graph and in its functions
     * @param unknownOperations that this build of TensorFlow does not have, by name
     * @param hasVariables whether it restores weights from files; else they are in the graph
     */
    public record Graph(
            Set<String> tags,
            String madeBy,
            List<Signature> signatures,
            List<String> assets,
            long operations,
            Set<String> unknownOperations,
            boolean hasVariables) {
        public Graph {
            tags = Set.copyOf(tags);
            signatures = List.copyOf(signatures);
            assets = List.copyOf(assets);
            unknownOperations = Set.copyOf(unknownOperations);
        }
    }

    /**
     * A function of the graph that has a name.
     *
     * @param trains whether it is for training or evaluation
     * @param refusal why it cannot serve, in one sentence without its subject; empty if it can
     */
    public record Signature(
            String key, boolean trains, List<Input> inputs, List<Output> outputs, Optional<String> refusal) {
        public Signature {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
        }
    }

    /**
     * @param type such as {@code float32}
     * @param shape sizes, -1 where any will do; empty if not even their number is known
     */
    public record Input(String key, String type, Optional<List<Long>> shape, Use use) {}

    /** What the graph does with an input, as far as can be seen. */
    public enum Use {
        NUMBERS,
        TEXT,
        IMAGE_FILE,
        AUDIO_FILE
    }

    /** @param shape as of an input */
    public record Output(String key, String type, Optional<List<Long>> shape, Origin origin) {}

    /** What computes an output, as far as can be seen. */
    public enum Origin {
        SOFTMAX,
        SIGMOID,
        /** A layer without activation. */
        LINEAR,
        UNKNOWN
    }
}
