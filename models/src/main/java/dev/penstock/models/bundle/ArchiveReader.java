package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import dev.penstock.models.card.BundlePaths;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipEntry;

/** Unpacks an archive that anybody may have made: nothing that it says of itself is believed. */
final class ArchiveReader {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int ENCRYPTED = 1;

    private final Path archive;
    private final BundleLimits limits;
    private long unpacked;

    ArchiveReader(Path archive, BundleLimits limits) {
        this.archive = archive;
        this.limits = limits;
    }

    /**
     * Digests are not checked here: the bundle has its own.
     *
     * @throws BundleRefusedException if the archive is unsafe, damaged or too large
     * @throws IOException if the archive cannot be read or the directory cannot be written
     */
    void unpackInto(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(archive)) {
            ZipDirectory zip = new ZipDirectory(archive, channel);
            List<ZipDirectory.Entry> entries = zip.entries(limits);
            checkTotals(entries);
            Set<String> names = new HashSet<>();
            for (ZipDirectory.Entry entry : entries) {
                check(entry, names);
            }
            for (ZipDirectory.Entry entry : entries) {
                if (!entry.isDirectory()) {
                    unpack(channel, zip.content(entry), entry, directory.resolve(entry.name()));
                }
            }
        }
    }

    private void checkTotals(List<ZipDirectory.Entry> entries) {
        if (entries.size() > limits.files()) {
            throw refused(
                    Reason.TOO_MANY_FILES,
                    "it has %d files and %d are allowed; raise the limit if you trust it"
                            .formatted(entries.size(), limits.files()));
        }
        long announced = 0;
        for (ZipDirectory.Entry entry : entries) {
            if (entry.size() < 0 || entry.size() > limits.bytes() - announced) {
                throw refused(
                        Reason.TOO_LARGE,
                        "it announces more than the %d bytes that are allowed; raise the limit if you trust it"
                                .formatted(limits.bytes()));
            }
            announced += entry.size();
        }
    }

    private void check(ZipDirectory.Entry entry, Set<String> names) {
        String name = entry.name();
        String path = entry.isDirectory() ? name.substring(0, name.length() - 1) : name;
        if (!BundlePaths.isInside(path)) {
            throw refused(
                    Reason.UNSAFE_NAME,
                    "'%s' is not a path inside of a bundle; do not use an archive from this source".formatted(name));
        }
        // Windows and macOS would write both to one file.
        if (!names.add(path.toLowerCase(Locale.ROOT))) {
            throw refused(Reason.DUPLICATE_FILE, "'%s' is in it twice; pack the bundle anew".formatted(name));
        }
        int kind = entry.unixMode() & UnixMode.KIND;
        if (kind != 0 && kind != (entry.isDirectory() ? UnixMode.DIRECTORY : UnixMode.FILE)) {
            throw refused(
                    Reason.NOT_A_FILE, "'%s' is a link or another special file; pack the file itself".formatted(name));
        }
        boolean readable = entry.method() == ZipEntry.STORED || entry.method() == ZipEntry.DEFLATED;
        if (!readable || (entry.flags() & ENCRYPTED) != 0) {
            throw refused(
                    Reason.UNSUPPORTED_ARCHIVE,
                    "'%s' is encrypted, or compressed by method %d; pack the bundle anew, stored or deflated"
                            .formatted(name, entry.method()));
        }
    }

    private void unpack(FileChannel channel, long start, ZipDirectory.Entry entry, Path file) throws IOException {
        try {
            Files.createDirectories(file.getParent());
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
                if (entry.method() == ZipEntry.STORED) {
                    copy(channel, start, entry, out);
                } else {
                    inflate(channel, start, entry, out);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw refused(
                    Reason.DUPLICATE_FILE,
                    "'%s' is in it as a file and as a directory; pack the bundle anew".formatted(entry.name()));
        }
    }

    private void copy(FileChannel channel, long start, ZipDirectory.Entry entry, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (long done = 0; done < entry.packed(); ) {
            int read = read(channel, start + done, buffer, entry.packed() - done);
            write(buffer, read, out);
            done += read;
        }
    }

    private void inflate(FileChannel channel, long start, ZipDirectory.Entry entry, OutputStream out)
            throws IOException {
        Inflater inflater = new Inflater(true);
        try {
            byte[] packed = new byte[BUFFER_BYTES];
            byte[] buffer = new byte[BUFFER_BYTES];
            long done = 0;
            while (!inflater.finished()) {
                int count = inflater.inflate(buffer);
                write(buffer, count, out);
                // An empty file ends without having given anything.
                if (count == 0 && inflater.needsInput() && !inflater.finished()) {
                    int read = read(channel, start + done, packed, entry.packed() - done);
                    inflater.setInput(packed, 0, read);
                    done += read;
                } else if (inflater.needsDictionary()) {
                    throw damaged(entry);
                }
            }
        } catch (DataFormatException e) {
            throw damaged(entry);
        } finally {
            inflater.end();
        }
    }

    /** At least one byte, and at most so many. */
    private int read(FileChannel channel, long position, byte[] buffer, long most) throws IOException {
        int read = most <= 0
                ? -1
                : channel.read(ByteBuffer.wrap(buffer, 0, (int) Math.min(most, buffer.length)), position);
        if (read < 0) {
            throw refused(Reason.TRUNCATED, "it ends in the middle of a file; fetch it anew");
        }
        return read;
    }

    /** What is announced may be a lie. */
    private void write(byte[] buffer, int count, OutputStream out) throws IOException {
        unpacked += count;
        if (unpacked > limits.bytes()) {
            throw refused(
                    Reason.TOO_LARGE,
                    "it unpacks to more than the %d bytes that are allowed, although it announces less; do not use an archive from this source"
                            .formatted(limits.bytes()));
        }
        out.write(buffer, 0, count);
    }

    private BundleRefusedException damaged(ZipDirectory.Entry entry) {
        return refused(Reason.NOT_AN_ARCHIVE, "'%s' cannot be decompressed; fetch it anew".formatted(entry.name()));
    }

    private BundleRefusedException refused(Reason reason, String why) {
        return new BundleRefusedException(reason, "Cannot unpack %s: %s".formatted(archive, why));
    }

    /** What the upper bits of an entry's mode say, as in {@code stat.h}. */
    private static final class UnixMode {
        static final int KIND = 0170000;
        static final int FILE = 0100000;
        static final int DIRECTORY = 0040000;
    }
}
