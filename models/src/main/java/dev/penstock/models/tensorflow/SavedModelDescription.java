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
     * @param switches placeholders that it needs and leaves out, such as {@code keep_prob:0}; a card can fill them
     * @param refusal why it cannot serve, in one sentence without its subject; empty if it can
     */
    public record Signature(
            String key,
            boolean trains,
            List<Input> inputs,
            List<Output> outputs,
            List<Input> switches,
            Optional<String> refusal) {
        public Signature {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
            switches = List.copyOf(switches);
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

    /**
     * @param shape as of an input
     * @param fit whether it could be scores: a number a label for each row
     */
    public record Output(String key, String type, Optional<List<Long>> shape, Origin origin, boolean fit) {}

    /** What computes an output, as far as can be seen. */
    public enum Origin {
        SOFTMAX,
        SIGMOID,
        /** Logarithms of probabilities: a softmax makes probabilities of them. */
        LOG_SOFTMAX,
        /** A layer without activation. */
        LINEAR,
        UNKNOWN
    }
}
