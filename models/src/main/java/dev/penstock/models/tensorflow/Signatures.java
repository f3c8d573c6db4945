package dev.penstock.models.tensorflow;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** Picks the signature that serves. */
final class Signatures {
    static final String USUAL = "serving_default";

    /** Written by TensorFlow for its own use. */
    private static final Set<String> INITIALISERS = Set.of("__saved_model_init_op", "__saved_model_train_op");

    private static final Set<String> TRAINING_KEYS = Set.of("train", "training", "eval");
    private static final Set<String> TRAINING_METHODS =
            Set.of("tensorflow/supervised/training", "tensorflow/supervised/eval");

    private Signatures() {}

    /**
     * @param wanted key; empty for {@value #USUAL} or the only one that serves
     * @return its key
     * @throws UnservableException if there is no such signature, or several could be meant
     */
    static String choose(MetaGraphDef graph, Optional<String> wanted) {
        Map<String, SignatureDef> signatures = new TreeMap<>(graph.getSignatureDefMap());
        signatures.keySet().removeAll(INITIALISERS);
        if (wanted.isPresent()) {
            if (!signatures.containsKey(wanted.get())) {
                throw new UnservableException("it has no signature '%s' as the card says; there is %s"
                        .formatted(wanted.get(), list(signatures)));
            }
            return wanted.get();
        }
        if (signatures.containsKey(USUAL)) {
            return USUAL;
        }
        List<String> serving = signatures.entrySet().stream()
                .filter(signature -> !isTraining(signature.getKey(), signature.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        if (serving.size() == 1) {
            return serving.get(0);
        }
        throw new UnservableException(
                serving.isEmpty()
                        ? "it has no signature to serve with; export it with signatures={'serving_default': function}"
                        : "it has no signature '%s' and several others; name one in the card: %s"
                                .formatted(USUAL, list(signatures)));
    }

    static boolean isInitialiser(String key) {
        return INITIALISERS.contains(key);
    }

    static boolean isTraining(String key, SignatureDef signature) {
        return TRAINING_KEYS.contains(key) || TRAINING_METHODS.contains(signature.getMethodName());
    }

    /** Each with what goes in and comes out: {@code classify(image) -> scores}. */
    private static String list(Map<String, SignatureDef> signatures) {
        return signatures.isEmpty()
                ? "none"
                : signatures.entrySet().stream()
                        .map(signature -> "%s(%s) -> %s"
                                .formatted(
                                        signature.getKey(),
                                        keys(signature.getValue().getInputsMap()),
                                        keys(signature.getValue().getOutputsMap())))
                        .collect(Collectors.joining("; "));
    }

    private static String keys(Map<String, TensorInfo> tensors) {
        return String.join(", ", new TreeMap<>(tensors).keySet());
    }
}
