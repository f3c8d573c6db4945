package dev.penstock.models.bundle;

import dev.penstock.models.bundle.BundleRefusedException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The list of files at the end of a zip file. Read by hand, since Java's own classes read all of it, however long it
 * is, and do not tell links from files.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE.TXT</a>, 4.3 and 4.5.3
 */
final class ZipDirectory {
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int LOCAL_HEADER_BYTES = 30;
    private static final int ENTRY = 0x02014b50;
    private static final int ENTRY_BYTES = 46;
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LONGEST_COMMENT = 0xFFFF;
    private static final int END64_LOCATOR = 0x07064b50;
    private static final int END64_LOCATOR_BYTES = 20;
    private static final int END64_BYTES = 56;
    private static final int UNIX = 3;
    private static final int SIZES64 = 0x0001;
    private static final long IN_64_BITS = 0xFFFFFFFFL;

    /** Well above what one file of a bundle takes: 46 bytes, its name, and some attributes. */
    private static final int BYTES_PER_FILE = 512;

    private final Path archive;
    private final FileChannel channel;

    ZipDirectory(Path archive, FileChannel channel) {
        this.archive = archive;
        this.channel = channel;
    }

    /**
     * What the list says of one file.
     *
     * @param flags bit 0 for encryption
     * @param method 0 for stored, 8 for deflated
     * @param unixMode kind and permissions; 0 if the archive does not say
     * @param header where the file's own header is
     */
    record Entry(String name, int flags, int method, long packed, long size, int unixMode, long header) {
        boolean isDirectory() {
            return name.endsWith("/");
        }
    }

    /** @throws BundleRefusedException if there is no such list, or one that is too long for the limits */
    List<Entry> entries(BundleLimits limits) throws IOException {
        long end = end();
        if (end < 0) {
            boolean begins =
                    channel.size() >= Integer.BYTES && read(0, Integer.BYTES).getInt(0) == LOCAL_HEADER;
            throw begins
                    ? refused(
                            Reason.TRUNCATED, "it ends early, after %d bytes; fetch it anew".formatted(channel.size()))
                    : refused(Reason.NOT_AN_ARCHIVE, "it is not a zip file; name the archive of a bundle");
        }
        long start = start(end);
        long bytes = end - start;
        if (start < 0 || bytes < 0) {
            throw damaged("its list of files is not where it says");
        }
        if (bytes > (long) limits.files() * BYTES_PER_FILE) {
            throw refused(
                    Reason.TOO_MANY_FILES,
                    "its list of files has %d bytes, too many for the %d files that are allowed; raise the limit if you trust it"
                            .formatted(bytes, limits.files()));
        }
        return parse(read(start, (int) bytes));
    }

    private List<Entry> parse(ByteBuffer list) {
        List<Entry> entries = new ArrayList<>();
        while (list.remaining() >= ENTRY_BYTES && list.getInt(list.position()) == ENTRY) {
            int at = list.position();
            int nameLength = Short.toUnsignedInt(list.getShort(at + 28));
            int extraLength = Short.toUnsignedInt(list.getShort(at + 30));
            int commentLength = Short.toUnsignedInt(list.getShort(at + 32));
            if (list.remaining() < ENTRY_BYTES + nameLength + extraLength + commentLength) {
                throw damaged("its list of files ends early");
            }
            byte[] name = new byte[nameLength];
            list.get(at + ENTRY_BYTES, name);
            boolean unix = Byte.toUnsignedInt(list.get(at + 5)) == UNIX;
            long[] sizes = {
                Integer.toUnsignedLong(list.getInt(at + 24)),
                Integer.toUnsignedLong(list.getInt(at + 20)),
                Integer.toUnsignedLong(list.getInt(at + 42))
            };
            widen(sizes, list.slice(at + ENTRY_BYTES + nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN));
            entries.add(new Entry(
                    new String(name, StandardCharsets.UTF_8),
                    Short.toUnsignedInt(list.getShort(at + 8)),
                    Short.toUnsignedInt(list.getShort(at + 10)),
                    sizes[1],
                    sizes[0],
                    unix ? list.getInt(at + 38) >>> 16 : 0,
                    sizes[2]));
            list.position(at + ENTRY_BYTES + nameLength + extraLength + commentLength);
        }
        if (entries.isEmpty() && list.hasRemaining()) {
            throw damaged("its list of files is not where it says");
        }
        return entries;
    }

    /** Numbers that need more than 32 bits follow elsewhere, in the order of size, packed size and place. */
    private static void widen(long[] sizes, ByteBuffer extra) {
        while (extra.remaining() >= 2 * Short.BYTES) {
            int id = Short.toUnsignedInt(extra.getShort());
            int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (id == SIZES64) {
                ByteBuffer wide = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
                for (int index = 0; index < sizes.length; index++) {
                    if (sizes[index] == IN_64_BITS && wide.remaining() >= Long.BYTES) {
                        sizes[index] = wide.getLong();
                    }
                }
            }
            extra.position(extra.position() + length);
        }
    }

    /** Where a file's bytes start: its own header repeats the name, and may have other attributes. */
    long content(Entry entry) throws IOException {
        ByteBuffer header = read(entry.header(), LOCAL_HEADER_BYTES);
        if (header.getInt(0) != LOCAL_HEADER) {
            throw damaged("'%s' is not where its list of files says".formatted(entry.name()));
        }
        return entry.header()
                + LOCAL_HEADER_BYTES
                + Short.toUnsignedInt(header.getShort(26))
                + Short.toUnsignedInt(header.getShort(28));
    }

    /** Where the end record is, which has a comment behind it; -1 if there is none. */
    private long end() throws IOException {
        long tailStart = Math.max(0, channel.size() - END_BYTES - LONGEST_COMMENT);
        ByteBuffer tail = read(tailStart, (int) (channel.size() - tailStart));
        for (int at = tail.limit() - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END
                    && at + END_BYTES + Short.toUnsignedInt(tail.getShort(at + 20)) == tail.limit()) {
                return tailStart + at;
            }
        }
        return -1;
    }

    /** Where the list starts: in the end record or, for large archives, in another one before it. */
    private long start(long end) throws IOException {
        long start = Integer.toUnsignedLong(read(end, END_BYTES).getInt(16));
        if (start != IN_64_BITS || end < END64_LOCATOR_BYTES) {
            return start;
        }
        ByteBuffer locator = read(end - END64_LOCATOR_BYTES, END64_LOCATOR_BYTES);
        long end64 = locator.getLong(8);
        if (locator.getInt(0) != END64_LOCATOR || end64 < 0 || end64 > end - END64_BYTES) {
            return start;
        }
        return read(end64, END64_BYTES).getLong(48);
    }

    private ByteBuffer read(long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (position < 0 || channel.read(buffer, position + buffer.position()) < 0) {
                throw refused(Reason.TRUNCATED, "it ends before byte %d; fetch it anew".formatted(position + bytes));
            }
        }
        return buffer.flip();
    }

    private BundleRefusedException damaged(String how) {
        return refused(Reason.NOT_AN_ARCHIVE, "it is damaged, %s; fetch it anew".formatted(how));
    }

    private BundleRefusedException refused(Reason reason, String why) {
        return new BundleRefusedException(reason, "Cannot unpack %s: %s".formatted(archive, why));
    }
}
