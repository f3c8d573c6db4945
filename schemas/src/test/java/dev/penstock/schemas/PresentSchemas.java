package dev.penstock.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;

/** The schemas of {@code src/main/avro}, with all that they refer to. */
final class PresentSchemas {
    private static final Path DIRECTORY = Path.of("src/main/avro");

    private PresentSchemas() {}

    static List<String> names() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".avsc"))
                    .map(file -> file.substring(0, file.length() - ".avsc".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Schema named(String name) {
        try {
            Schema generated = SpecificData.get().getSchema(Class.forName("dev.penstock.schemas." + name));
            // The code generator's own addition, which is no part of the contract.
            return new Schema.Parser().parse(generated.toString().replace(",\"avro.java.string\":\"String\"", ""));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
