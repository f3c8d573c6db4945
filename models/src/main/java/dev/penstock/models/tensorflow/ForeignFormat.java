package dev.penstock.models.tensorflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Other formats in which models are published, and how a SavedModel is made of each. */
enum ForeignFormat {
    KERAS(
            "a Keras archive (.keras)",
            "load it in Python with keras.saving.load_model and call model.export(directory)"),
    KERAS_HDF5("a Keras HDF5 file", "load it in Python with keras.saving.load_model and call model.export(directory)"),
    LITE("a TensorFlow Lite file", "export the model that it was converted from; a .tflite file cannot be turned back"),
    ONNX("an ONNX file", "convert it in Python with onnx2tf, or export the model that it was made of"),
    TFJS("a TensorFlow.js model", "convert it in Python with tensorflowjs_converter --output_format=tf_saved_model"),
    FROZEN_GRAPH(
            "a frozen graph (GraphDef)",
            "import it in Python with tf.compat.v1.import_graph_def and write it with tf.compat.v1.saved_model.simple_save"),
    CHECKPOINT(
            "a checkpoint, which has the weights and not the network",
            "restore it in Python into the network's code and call tf.saved_model.save(model, directory)"),
    TORCH("a PyTorch file", "export it in Python with torch.onnx.export, and then convert it with onnx2tf"),
    SAFETENSORS(
            "a safetensors file, which has the weights and not the network",
            "load it in Python into the network's code and call tf.saved_model.save(model, directory)");

    private final String description;
    private final String remedy;

    ForeignFormat(String description, String remedy) {
        this.description = description;
        this.remedy = remedy;
    }

    String description() {
        return description;
    }

    /** What to do to get a SavedModel. */
    String remedy() {
        return remedy;
    }

    /** What a file, or the first known file of a directory, is. */
    static Optional<ForeignFormat> of(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return ofFile(path);
        }
        List<Path> files;
        try (Stream<Path> found = Files.list(path)) {
            files = found.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            Optional<ForeignFormat> format = ofFile(file);
            if (format.isPresent()) {
                return format;
            }
        }
        return Optional.empty();
    }

    private static Optional<ForeignFormat> ofFile(Path file) throws IOException {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        String head = head(file);
        if (head.startsWith("\u0089HDF\r\n\u001a\n")) {
            return Optional.of(KERAS_HDF5);
        } else if (head.startsWith("TFL3", 4)) {
            return Optional.of(LITE);
        } else if (name.endsWith(".keras")) {
            return Optional.of(KERAS);
        } else if (name.endsWith(".onnx")) {
            return Optional.of(ONNX);
        } else if (name.endsWith(".json") && (head.contains("\"modelTopology\"") || head.contains("\"graph-model\""))) {
            return Optional.of(TFJS);
        } else if (name.endsWith(".pt") || name.endsWith(".pth") || name.startsWith("pytorch_model")) {
            return Optional.of(TORCH);
        } else if (name.endsWith(".safetensors")) {
            return Optional.of(SAFETENSORS);
        } else if (name.equals("checkpoint")
                || name.endsWith(".ckpt")
                || name.contains(".ckpt.")
                || name.endsWith(".index")) {
            return Optional.of(CHECKPOINT);
        } else if (name.endsWith(".pb")) {
            return Optional.of(FROZEN_GRAPH);
        }
        return Optional.empty();
    }

    /** The first bytes, as characters of the same values. */
    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(4096), StandardCharsets.ISO_8859_1);
        }
    }
}
