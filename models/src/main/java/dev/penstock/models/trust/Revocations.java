package dev.penstock.models.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What counts no longer: {@code revoked.txt}, one entry a line. Behind an entry may stand, for people, why and since
 * when; lines that begin with {@code #} are for people alone.
 *
 * <pre>
 * 3f9c2ab07d41e685            a key, by its id
 * 9f86d081884c…               a bundle, by its digest: 64 digits
 * digits/7                    a version of a model, whatever its bundle is
 * digits/1-6                  versions of a model, the first and the last included
 * </pre>
 *
 * @param entries as they are written
 */
record Revocations(Set<String> entries, List<Versions> versions) {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}|[0-9a-f]{64}");
    private static final Pattern VERSIONS = Pattern.compile("([^/\\s]+)/(\\d{1,9})(?:-(\\d{1,9}))?");

    Revocations {
        entries = Set.copyOf(entries);
        versions = List.copyOf(versions);
    }

    /** The first and the last included. */
    record Versions(String model, int first, int last) {
        boolean include(String name, int version) {
            return model.equals(name) && version >= first && version <= last;
        }
    }

    /**
     * Nothing, if there is no such file.
     *
     * @throws IllegalArgumentException if a line is none of these: what it was to revoke would count on
     */
    static Revocations read(Path file) throws IOException {
        Set<String> entries = new HashSet<>();
        List<Versions> versions = new ArrayList<>();
        if (Files.exists(file)) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                String entry = line.strip().split("\\s", 2)[0];
                if (entry.isEmpty() || entry.startsWith("#")) {
                    continue;
                }
                Matcher named = VERSIONS.matcher(entry);
                if (named.matches()) {
                    int first = Integer.parseInt(named.group(2));
                    int last = named.group(3) == null ? first : Integer.parseInt(named.group(3));
                    require(first <= last, file, number, entry);
                    versions.add(new Versions(named.group(1), first, last));
                } else {
                    require(ID.matcher(entry).matches(), file, number, entry);
                }
                entries.add(entry);
            }
        }
        return new Revocations(entries, versions);
    }

    private static void require(boolean understood, Path file, int line, String entry) {
        if (!understood) {
            throw new IllegalArgumentException(
                    "Cannot read line %d of %s: '%s' is no key's id, no bundle's digest and no model's version; write one of them, such as digits/7 or digits/1-6"
                            .formatted(line, file, entry));
        }
    }

    boolean includeId(String id) {
        return entries.contains(id);
    }

    boolean includeVersion(String model, int version) {
        return versions.stream().anyMatch(revoked -> revoked.include(model, version));
    }
}
