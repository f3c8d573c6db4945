package dev.penstock.models.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

class SavedModelFileTest {
    @TempDir
    Path directory;

    private void assertNone(Path path, String... words) {
        assertThatThrownBy(() -> SavedModelFile.read(path))
                .isInstanceOf(UnservableException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void readsGraphs() throws Exception {
        SavedModel model = SavedModel.newBuilder()
                .addMetaGraphs(MetaGraphDef.newBuilder()
                        .setGraphDef(GraphDef.newBuilder()
                                .addNode(NodeDef.newBuilder().setOp("NoOp"))))
                .build();
        Files.write(directory.resolve("saved_model.pb"), model.toByteArray());

        assertThat(SavedModelFile.read(directory)).isEqualTo(model);
    }

    static Stream<Arguments> foreignFiles() {
        return Stream.of(
                arguments("model.keras", "PK", "a Keras archive", "model.export"),
                arguments("model.h5", "\u0089HDF\r\n\u001a\n", "a Keras HDF5 file", "model.export"),
                arguments("weights.dat", "\u0089HDF\r\n\u001a\n", "a Keras HDF5 file", "model.export"),
                arguments("model.tflite", "\u001c\0\0\0TFL3", "a TensorFlow Lite file", "cannot be turned back"),
                arguments("model.onnx", "\b", "an ONNX file", "onnx2tf"),
                arguments(
                        "model.json",
                        "{\"format\": \"graph-model\"}",
                        "a TensorFlow.js model",
                        "tensorflowjs_converter"),
                arguments("frozen.pb", "\n", "a frozen graph", "import_graph_def"),
                arguments("checkpoint", "model_checkpoint_path", "a checkpoint", "tf.saved_model.save"),
                arguments("model.ckpt.index", "", "a checkpoint", "tf.saved_model.save"),
                arguments("model.pt", "PK", "a PyTorch file", "torch.onnx.export"),
                arguments("pytorch_model.bin", "PK", "a PyTorch file", "torch.onnx.export"),
                arguments("model.safetensors", "", "a safetensors file", "tf.saved_model.save"));
    }

    @ParameterizedTest
    @MethodSource("foreignFiles")
    void saysHowOtherFormatsBecomeSavedModels(String name, String head, String format, String remedy) throws Exception {
        Path file = directory.resolve(name);
        Files.write(file, head.getBytes(StandardCharsets.ISO_8859_1));

        assertNone(file, format, "not a SavedModel", remedy);
        assertNone(directory, format, remedy);
    }

    @Test
    void seesAFrozenGraphUnderTheNameOfASavedModel() throws Exception {
        GraphDef frozen = GraphDef.newBuilder()
                .addNode(NodeDef.newBuilder().setName("x").setOp("Placeholder"))
                .build();
        Files.write(directory.resolve("saved_model.pb"), frozen.toByteArray());

        assertThatThrownBy(() -> SavedModelFile.read(directory)).isInstanceOf(UnservableException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'', is empty, copy it again",
        "version https://git-lfs.github.com/spec/v1, is a pointer of Git LFS, git lfs pull",
        "' <!DOCTYPE html><html>', is a web page, download the model again"
    })
    void saysWhatCameInsteadOfTheFile(String content, String what, String remedy) throws Exception {
        Files.writeString(directory.resolve("saved_model.pb"), content);

        assertNone(directory, what, remedy);
    }

    @Test
    void saysThatThereIsNothing() {
        assertNone(directory, "has no saved_model.pb", "tf.saved_model.save");
        assertNone(directory.resolve("nowhere"), "does not exist");
    }
}
