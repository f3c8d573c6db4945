package dev.penstock.models.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The one zip file that a bundle travels as. */
public final class BundleArchive {
    /** The first instant that a zip file can name. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private BundleArchive() {}

    /**
     * Writes a bundle's files into one archive; the same files always give the same bytes.
     *
     * @param archive must not exist yet
     * @return its SHA-256: 64 lower-case hexadecimal digits
     * @throws BundleRefusedException if the directory is not a sound bundle
     */
    public static String pack(Path directory, Path archive) throws IOException {
        Bundle.open(directory);
        try (OutputStream out = Files.newOutputStream(archive, StandardOpenOption.CREATE_NEW)) {
            return write(directory, out);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(archive);
            throw e;
        }
    }

    /**
     * Unpacks an archive and opens the bundle in it. Any zip file of a bundle will do, whatever made it.
     *
     * @param directory that does not exist yet, or is empty
     * @throws BundleRefusedException if the archive is not a sound bundle; then nothing of it is left in the directory
     */
    public static Bundle unpack(Path archive, Path directory, BundleLimits limits) throws IOException {
        return unpack(archive, directory, limits, Vetting.none());
    }

    /** The same, for an archive of a stranger's. */
    public static Bundle unpack(Path archive, Path directory, BundleLimits limits, Vetting vetting) throws IOException {
        TargetDirectory target = TargetDirectory.claim(directory);
        try {
            new ArchiveReader(archive, limits).unpackInto(directory);
            return Bundle.open(directory, vetting);
        } catch (IOException | RuntimeException e) {
            target.abandon(e);
            throw e;
        }
    }

    static String digest(Path directory) throws IOException {
        return write(directory, OutputStream.nullOutputStream());
    }

    /** Stored and not compressed: compressed bytes differ between versions of zlib, and weights hardly shrink. */
    private static String write(Path directory, OutputStream out) throws IOException {
        MessageDigest digest = BundleDigests.sha256();
        try (ZipOutputStream zip = new ZipOutputStream(new DigestOutputStream(out, digest))) {
            for (Map.Entry<String, Path> file : BundleFiles.of(directory).entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setMethod(ZipEntry.STORED);
                entry.setTimeLocal(NO_TIME);
                entry.setSize(Files.size(file.getValue()));
                entry.setCrc(crcOf(file.getValue()));
                zip.putNextEntry(entry);
                Files.copy(file.getValue(), zip);
                zip.closeEntry();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static long crcOf(Path file) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                crc.update(buffer, 0, read);
            }
        }
        return crc.getValue();
    }
}
