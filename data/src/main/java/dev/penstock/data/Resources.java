package dev.penstock.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads the archives that lie beside this class on the class path. */
final class Resources {
    private Resources() {}

    /** One file of a zip. */
    record Entry(String name, Bytes content) {}

    /** The files of a zip, in the order in which it holds them. */
    static List<Entry> entries(String resource) {
        try (ZipInputStream zip = new ZipInputStream(open(resource))) {
            List<Entry> entries = new ArrayList<>();
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.add(new Entry(entry.getName(), Bytes.copyOf(zip.readAllBytes())));
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + resource, e);
        }
    }

    /** The lines of a gzip file, which are UTF-8. */
    static List<String> lines(String resource) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(open(resource)), UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + resource, e);
        }
    }

    private static InputStream open(String resource) {
        InputStream stream = Resources.class.getResourceAsStream(resource);
        if (stream == null) {
            throw new IllegalStateException(
                    "Cannot find %s on the class path beside %s: run data/rebuild and build the module again"
                            .formatted(resource, Resources.class.getName()));
        }
        return stream;
    }
}
