package dev.penstock.models.tensorflow;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.tensorflow.proto.SavedModel;

/** Reads {@code saved_model.pb}, or {@code saved_model.pbtxt}, without running anything of it. */
final class SavedModelFile {
    private static final String BINARY = "saved_model.pb";
    private static final String TEXT = "saved_model.pbtxt";
    private static final int HEAD_BYTES = 64;
    private static final long LARGEST_TEXT = 256L * 1024 * 1024;

    private SavedModelFile() {}

    /** @throws UnservableException if there is no SavedModel in the directory */
    static SavedModel read(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            throw new UnservableException("%s does not exist".formatted(directory));
        }
        if (Files.isRegularFile(directory.resolve(BINARY))) {
            return requireGraphs(directory, binary(directory.resolve(BINARY)));
        }
        if (Files.isRegularFile(directory.resolve(TEXT))) {
            return requireGraphs(directory, text(directory.resolve(TEXT)));
        }
        throw new UnservableException(whyNone(directory));
    }

    private static SavedModel binary(Path file) throws IOException {
        requireProtocolBuffer(file);
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new UnservableException(
                        "%s has %d bytes, more than a SavedModel can have".formatted(file, channel.size()));
            }
            // Constants of a frozen model stay in the mapped file, and need no heap.
            CodedInputStream in = UnsafeByteOperations.unsafeWrap(
                            channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()))
                    .newCodedInput();
            in.enableAliasing(true);
            in.setRecursionLimit(1000);
            return SavedModel.parseFrom(in);
        } catch (InvalidProtocolBufferException e) {
            throw new UnservableException("%s is damaged (%s); export the model anew".formatted(file, e.getMessage()));
        }
    }

    /** What is often there instead, after a download or a clone that went half way. */
    private static void requireProtocolBuffer(Path file) throws IOException {
        String head;
        try (InputStream in = Files.newInputStream(file)) {
            head = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
        }
        if (head.isEmpty()) {
            throw new UnservableException("%s is empty; copy it again, or export the model anew".formatted(file));
        } else if (head.startsWith("version https://git-lfs")) {
            throw new UnservableException(
                    "%s is a pointer of Git LFS and not the file itself; fetch it with 'git lfs pull'".formatted(file));
        } else if (head.stripLeading().toLowerCase(Locale.ROOT).matches("(?s)<(!doctype html|html|\\?xml).*")) {
            throw new UnservableException(
                    "%s is a web page and not the file itself; look at it in a browser, and download the model again"
                            .formatted(file));
        }
    }

    private static SavedModel text(Path file) throws IOException {
        if (Files.size(file) > LARGEST_TEXT) {
            throw new UnservableException(
                    "%s has %d bytes; export the model with as_text=False".formatted(file, Files.size(file)));
        }
        try {
            return TextFormat.parse(Files.readString(file), SavedModel.class);
        } catch (TextFormat.ParseException e) {
            throw new UnservableException("%s is damaged (%s); export the model anew".formatted(file, e.getMessage()));
        }
    }

    /** A frozen graph may have the same name: its bytes are then unknown fields of a SavedModel. */
    private static SavedModel requireGraphs(Path directory, SavedModel model) {
        if (model.getMetaGraphsCount() == 0) {
            throw new UnservableException("%s holds no SavedModel: it looks like %s; %s"
                    .formatted(
                            directory, ForeignFormat.FROZEN_GRAPH.description(), ForeignFormat.FROZEN_GRAPH.remedy()));
        }
        return model;
    }

    private static String whyNone(Path directory) throws IOException {
        Optional<ForeignFormat> foreign = ForeignFormat.of(directory);
        if (foreign.isPresent()) {
            return "%s is %s and not a SavedModel; %s"
                    .formatted(
                            directory,
                            foreign.get().description(),
                            foreign.get().remedy());
        }
        if (Files.isDirectory(directory)) {
            List<Path> nested;
            try (Stream<Path> found = Files.walk(directory, 3)) {
                nested = found.filter(path -> path.endsWith(BINARY) || path.endsWith(TEXT))
                        .sorted()
                        .toList();
            }
            if (!nested.isEmpty()) {
                return "%s has no %s itself; it was found in %s: name that directory"
                        .formatted(directory, BINARY, nested.get(0).getParent());
            }
        }
        return "%s has no %s; export the model with tf.saved_model.save(model, directory)".formatted(directory, BINARY);
    }
}
