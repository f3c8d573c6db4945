package dev.penstock.cli.sending;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.schemas.configuration.ConfigurationFile;
import dev.penstock.schemas.pipelines.Pipelines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestFilesTest {
    private static final Pipelines PIPELINES =
            ConfigurationFile.parse("pipelines.yaml", """
                    pipelines:
                      spam: {modality: text, model: spam, limits: {payload-bytes: 10B}}
                      digits: {modality: image, model: digits}
                      fraud: {modality: record, model: fraud}
                    """, Pipelines.class, Map.of());
    private static final InputStream NOTHING = InputStream.nullInputStream();

    @TempDir
    Path directory;

    @Test
    void makesOneRequestOfAText() throws IOException {
        Path file = Files.writeString(directory.resolve("mail.txt"), "grüße");

        RequestFiles read =
                files("spam", Optional.of("m-1"), Optional.of("s-1")).read(file.toString(), NOTHING);

        assertThat(read.problems()).isEmpty();
        assertThat(read.requests()).hasSize(1);
        assertThat(read.requests().get(0).source()).isEqualTo(file.toString());
        assertThat(read.requests().get(0).request())
                .hasToString("TEXT request 'm-1' of entity 's-1' for pipeline 'spam'");
    }

    @Test
    void readsStandardInput() {
        RequestFiles read = files("spam", Optional.of("m-1"), Optional.empty())
                .read("-", new ByteArrayInputStream("hello".getBytes(UTF_8)));

        assertThat(read.requests().get(0).request())
                .hasToString("TEXT request 'm-1' of entity 'm-1' for pipeline 'spam'");
    }

    @Test
    void makesOneRequestOfEachRecord() throws IOException {
        Path file = Files.writeString(directory.resolve("p.csv"), "id,entity,amount\np-1,c-1,5\np-2,c-2,6\n");

        RequestFiles read = files("fraud", Optional.empty(), Optional.empty()).read(file.toString(), NOTHING);

        assertThat(read.requests())
                .extracting(request -> request.source() + " " + request.request())
                .containsExactly(
                        file + ":2 RECORD request 'p-1' of entity 'c-1' for pipeline 'fraud'",
                        file + ":3 RECORD request 'p-2' of entity 'c-2' for pipeline 'fraud'");
    }

    @Test
    void namesEveryFileThatCannotBeSent() throws IOException {
        Path large = Files.writeString(directory.resolve("large.txt"), "more than ten");
        Path latin = Files.write(directory.resolve("latin.txt"), "grüße".getBytes(ISO_8859_1));
        Path empty = Files.createFile(directory.resolve("empty.txt"));
        Path missing = directory.resolve("missing.txt");

        RequestFiles read = files("spam", Optional.empty(), Optional.empty());
        for (Path file : new Path[] {large, latin, empty, missing, directory}) {
            read.read(file.toString(), NOTHING);
        }

        assertThat(read.requests()).isEmpty();
        assertThat(read.problems())
                .containsExactly(
                        large + ": it has 13 bytes, and pipeline 'spam' takes 10 at most",
                        latin + ": it is not UTF-8 text; convert it, for instance with iconv -f ISO-8859-1 -t UTF-8",
                        empty + ": Cannot send an empty text: there is nothing to be scored",
                        missing + ": there is no such file",
                        directory + ": it is a directory; name the files in it");
    }

    @Test
    void sendsAnImageAsItIs() throws IOException {
        Path file = Files.write(directory.resolve("broken.png"), new byte[] {1, 2, 3});

        RequestFiles read =
                files("digits", Optional.of("i-1"), Optional.empty()).read(file.toString(), NOTHING);

        assertThat(read.requests().get(0).request())
                .hasToString("IMAGE request 'i-1' of entity 'i-1' for pipeline 'digits'");
    }

    private static RequestFiles files(String pipeline, Optional<String> id, Optional<String> entity) {
        return new RequestFiles(
                PIPELINES.named(pipeline).orElseThrow(),
                new RequestFiles.Settings(id, entity, Map.of("country", "CH"), Set.of()));
    }
}
