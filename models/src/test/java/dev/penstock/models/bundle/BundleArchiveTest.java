package dev.penstock.models.bundle;

import static dev.penstock.models.bundle.Bundles.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleArchiveTest {
    private static final BundleLimits LIMITS = new BundleLimits(100_000, 20);

    @TempDir
    Path directory;

    private Bundle bundle;
    private Path archive;
    private Path target;

    @BeforeEach
    void pack() throws Exception {
        bundle = Bundles.build(directory);
        archive = directory.resolve("bundle.zip");
        target = directory.resolve("unpacked");
        BundleArchive.pack(bundle.directory(), archive);
    }

    private void assertUnpackingRefused(Reason reason, String words) {
        assertRefused(() -> BundleArchive.unpack(archive, target, LIMITS), reason, words);
        assertThat(target).as("what was unpacked").doesNotExist();
    }

    /** An archive as any zip tool makes it, compressed, with the bundle's files and then these. */
    private void zip(Map<String, String> further) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (Map.Entry<String, Path> file :
                    BundleFiles.of(bundle.directory()).entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                Files.copy(file.getValue(), zip);
            }
            for (Map.Entry<String, String> file : further.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void arrivesAsItWas() throws Exception {
        Bundle arrived = BundleArchive.unpack(archive, target, LIMITS);

        assertThat(arrived.card()).isEqualTo(bundle.card());
        assertThat(arrived.goldenExamples()).isEqualTo(bundle.goldenExamples());
        assertThat(arrived.digest()).isEqualTo(bundle.digest());
        assertThat(BundleFiles.of(target).keySet())
                .containsExactlyElementsOf(BundleFiles.of(bundle.directory()).keySet());
    }

    @Test
    void hasTheSameBytesForTheSameFiles() throws Exception {
        for (Path file : BundleFiles.of(bundle.directory()).values()) {
            Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        }
        Path again = directory.resolve("again.zip");

        String digest = BundleArchive.pack(bundle.directory(), again);

        assertThat(again).hasSameBinaryContentAs(archive);
        assertThat(digest)
                .isEqualTo(bundle.digest())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(archive))));
    }

    @Test
    void packsOnlySoundBundles() throws Exception {
        Files.writeString(bundle.savedModel().resolve("saved_model.pb"), "changed");

        assertRefused(
                () -> BundleArchive.pack(bundle.directory(), directory.resolve("other.zip")),
                Reason.CHANGED_FILE,
                "saved_model.pb");
        assertThat(directory.resolve("other.zip")).doesNotExist();
    }

    @Test
    void doesNotOverwriteArchives() {
        assertThatThrownBy(() -> BundleArchive.pack(bundle.directory(), archive))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(archive).exists();
    }

    @Test
    void unpacksArchivesOfOtherTools() throws Exception {
        Files.createFile(bundle.savedModel().resolve("empty"));
        BundleDigests.of(bundle.directory()).write(bundle.directory());
        Map<String, String> directories = new LinkedHashMap<>();
        directories.put("saved-model/", "");
        zip(directories);

        assertThat(BundleArchive.unpack(archive, target, LIMITS).digest()).isEqualTo(bundle.digest());
    }

    @Test
    void unpacksIntoEmptyDirectoriesAlone() throws Exception {
        Files.createDirectory(target);
        Files.writeString(target.resolve("file"), "somebody's");

        assertThatThrownBy(() -> BundleArchive.unpack(archive, target, LIMITS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not empty");

        Files.delete(target.resolve("file"));
        assertThat(BundleArchive.unpack(archive, target, LIMITS).card().name()).isEqualTo("words");
    }

    @Test
    void leavesAnEmptyDirectoryEmptyWhenItFails() throws Exception {
        Files.createDirectory(target);
        zip(Map.of("saved-model/extra", "x"));

        assertRefused(() -> BundleArchive.unpack(archive, target, LIMITS), Reason.EXTRA_FILE, "saved-model/extra");
        assertThat(target).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil",
                "saved-model/../../evil",
                "/evil",
                "C:/evil",
                "C:\\evil",
                "..\\evil",
                "saved-model//evil",
                "./evil",
                "evil\u0000",
                "saved-model/evil\n"
            })
    void refusesNamesThatLeadOutside(String name) throws Exception {
        zip(Map.of(name, "x"));

        assertUnpackingRefused(Reason.UNSAFE_NAME, "not a path inside of a bundle");
        assertThat(directory.resolve("evil")).doesNotExist();
    }

    @Test
    void refusesLinks() throws Exception {
        zip(Map.of("saved-model/link", "/etc/passwd"));
        byte[] bytes = Files.readAllBytes(archive);
        // In the last entry of the list: made on Unix, mode of a link.
        int entry = lastIndexOf(bytes, new byte[] {'P', 'K', 1, 2});
        bytes[entry + 5] = 3;
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(entry + 38, 0120777 << 16);
        Files.write(archive, bytes);

        assertUnpackingRefused(Reason.NOT_A_FILE, "'saved-model/link' is a link");
    }

    @Test
    void refusesFilesThatAreThereTwice() throws Exception {
        zip(Map.of("saved-model/extra", "x"));
        replaceInArchive("saved-model/extra", "saved-model/Extra");
        zip(Map.of("MODEL-CARD.yaml", "x"));

        assertUnpackingRefused(Reason.DUPLICATE_FILE, "'MODEL-CARD.yaml' is in it twice");
        zip(Map.of("model-card.yamx", "x"));
        replaceInArchive("model-card.yamx", "model-card.yaml");
        assertUnpackingRefused(Reason.DUPLICATE_FILE, "'model-card.yaml' is in it twice");
    }

    @Test
    void refusesAFileThatIsADirectoryAsWell() throws Exception {
        zip(Map.of("saved-model", "x"));

        assertUnpackingRefused(Reason.DUPLICATE_FILE, "as a file and as a directory");
    }

    @Test
    void refusesTooManyFiles() throws Exception {
        Map<String, String> many = new LinkedHashMap<>();
        for (int number = 0; number < 20; number++) {
            many.put("saved-model/assets/%d".formatted(number), "");
        }
        zip(many);

        assertUnpackingRefused(Reason.TOO_MANY_FILES, "20 are allowed");
        for (int number = 0; number < 500; number++) {
            many.put("saved-model/assets/%d".formatted(number), "");
        }
        zip(many);
        assertUnpackingRefused(Reason.TOO_MANY_FILES, "its list of files has");
    }

    @Test
    void refusesWhatIsAnnouncedTooLarge() throws Exception {
        zip(Map.of("saved-model/zeros", "\0".repeat(200_000)));

        assertThat(Files.size(archive)).isLessThan(10_000);
        assertUnpackingRefused(Reason.TOO_LARGE, "announces more than the 100000 bytes");
    }

    @Test
    void refusesWhatIsLargerThanAnnounced() throws Exception {
        zip(Map.of("saved-model/zeros", "\0".repeat(200_000)));
        byte[] bytes = Files.readAllBytes(archive);
        int entry = lastIndexOf(bytes, new byte[] {'P', 'K', 1, 2});
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(entry + 24, 7);
        Files.write(archive, bytes);

        assertUnpackingRefused(Reason.TOO_LARGE, "although it announces less");
    }

    @Test
    void refusesArchivesThatEndEarly() throws Exception {
        byte[] whole = Files.readAllBytes(archive);
        for (int length : new int[] {30, whole.length / 2, whole.length - 30, whole.length - 1}) {
            Files.write(archive, Arrays.copyOf(whole, length));

            assertUnpackingRefused(Reason.TRUNCATED, "ends early");
        }
    }

    @Test
    void refusesArchivesWithAPieceMissing() throws Exception {
        byte[] whole = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOfRange(whole, whole.length / 2, whole.length));

        assertThatThrownBy(() -> BundleArchive.unpack(archive, target, LIMITS))
                .isInstanceOf(BundleRefusedException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void refusesWhatIsNoArchive() throws Exception {
        for (String content : new String[] {"", "no zip at all", "x".repeat(100_000)}) {
            Files.writeString(archive, content);

            assertUnpackingRefused(Reason.NOT_AN_ARCHIVE, "not a zip file");
        }
    }

    @Test
    void refusesFilesThatChangedUnderWay() throws Exception {
        replaceInArchive("weights", "Weights");

        assertUnpackingRefused(Reason.CHANGED_FILE, "variables.index");
    }

    @Test
    void refusesDamagedCompression() throws Exception {
        zip(Map.of("saved-model/extra", "x"));
        byte[] bytes = Files.readAllBytes(archive);
        int content = indexOf(bytes, "digests.json".getBytes(StandardCharsets.UTF_8)) + "digests.json".length();
        Arrays.fill(bytes, content, content + 16, (byte) 0xFF);
        Files.write(archive, bytes);

        assertUnpackingRefused(Reason.NOT_AN_ARCHIVE, "cannot be decompressed");
    }

    @Test
    void refusesEncryptionAndOtherCompression() throws Exception {
        for (int[] change : new int[][] {{8, 1}, {10, 12}}) {
            zip(Map.of("saved-model/extra", "x"));
            byte[] bytes = Files.readAllBytes(archive);
            int entry = lastIndexOf(bytes, new byte[] {'P', 'K', 1, 2});
            bytes[entry + change[0]] = (byte) change[1];
            Files.write(archive, bytes);

            assertUnpackingRefused(Reason.UNSUPPORTED_ARCHIVE, "saved-model/extra");
        }
    }

    @Test
    void survivesAnyDamage() throws Exception {
        byte[] whole = Files.readAllBytes(archive);
        java.util.Random random = new java.util.Random(7);
        for (int round = 0; round < 400; round++) {
            byte[] damaged = whole.clone();
            for (int change = 0; change < 1 + round % 4; change++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try (OutputStream out = Files.newOutputStream(archive)) {
                out.write(damaged);
            }
            try {
                Bundle opened = BundleArchive.unpack(archive, target, LIMITS);
                assertThat(opened.digest()).as("a change that does not matter").isEqualTo(bundle.digest());
                BundleFiles.deleteTree(target, true);
            } catch (BundleRefusedException e) {
                assertThat(e.reason()).isNotNull();
            }
            assertThat(target).doesNotExist();
        }
    }

    private void replaceInArchive(String written, String instead) throws IOException {
        byte[] bytes = Files.readAllBytes(archive);
        byte[] from = written.getBytes(StandardCharsets.UTF_8);
        for (int at = indexOf(bytes, from); at >= 0; at = indexOf(bytes, from)) {
            System.arraycopy(instead.getBytes(StandardCharsets.UTF_8), 0, bytes, at, from.length);
        }
        Files.write(archive, bytes);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }

    private static int lastIndexOf(byte[] bytes, byte[] part) {
        int last = -1;
        for (int at = 0; at + part.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                last = at;
            }
        }
        return last;
    }
}
