package dev.penstock.inference.crashes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Says on disk which records are being scored. A mapped file outlives a process that dies, though not a machine, and
 * costs no call of the operating system. Locked by its process as long as that lives. Its layout: length and name of the
 * topic, lanes, entries of a lane; then for each lane how many entries it has (less than 0 for one that is scored
 * alone), and the partition and offset of each.
 */
final class InFlightJournal implements AutoCloseable {
    static final String SUFFIX = ".in-flight";

    private static final int ENTRY = Integer.BYTES + Long.BYTES;
    private static final int ALONE = -1;
    private static final int LONGEST_TOPIC = 249;
    private static final int MOST_LANES = 1_024;
    private static final int MOST_ENTRIES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final FileLock lock;
    private final MappedByteBuffer memory;
    private final int header;
    private final int entries;

    private InFlightJournal(
            Path file, FileChannel channel, FileLock lock, MappedByteBuffer memory, int header, int entries) {
        this.file = file;
        this.channel = channel;
        this.lock = lock;
        this.memory = memory;
        this.header = header;
        this.entries = entries;
    }

    /**
     * @param lanes that batches are scored in at a time
     * @param entries that a batch may have
     */
    static InFlightJournal create(Path directory, String topic, int lanes, int entries) throws IOException {
        Path file = directory.resolve(UUID.randomUUID() + SUFFIX);
        byte[] name = topic.getBytes(UTF_8);
        int header = 3 * Integer.BYTES + name.length;
        FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        MappedByteBuffer memory =
                channel.map(MapMode.READ_WRITE, 0, header + (long) lanes * (Integer.BYTES + (long) entries * ENTRY));
        memory.putInt(name.length).put(name).putInt(lanes).putInt(entries);
        return new InFlightJournal(file, channel, lock, memory, header, entries);
    }

    /** For one thread a lane. */
    void begin(int lane, InFlightBatch batch, boolean isAlone) {
        int start = start(lane);
        int at = start + Integer.BYTES;
        int rows = batch.rows();
        for (int row = 0; row < rows; row++) {
            memory.putInt(at, batch.partition(row));
            memory.putLong(at + Integer.BYTES, batch.offset(row));
            at += ENTRY;
        }
        // Whoever reads the count after a crash must find the entries that it counts.
        VarHandle.releaseFence();
        memory.putInt(start, isAlone ? ALONE : rows);
        VarHandle.fullFence();
    }

    void end(int lane) {
        VarHandle.releaseFence();
        memory.putInt(start(lane), 0);
    }

    private int start(int lane) {
        return header + lane * (Integer.BYTES + entries * ENTRY);
    }

    /** Whoever closes it had nothing in flight. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
        lock.release();
        channel.close();
    }

    /**
     * What a dead process left.
     *
     * @param together places of records in batches that may have killed it
     * @param alone places of records that were being scored with nothing else
     */
    record Remains(List<RecordPlace> together, List<RecordPlace> alone) {}

    /** @throws IOException if it cannot be read, or is no journal */
    static Remains read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
            // Until all is there.
        }
        content.flip();
        try {
            byte[] name = new byte[within(content.getInt(), LONGEST_TOPIC)];
            content.get(name);
            String topic = new String(name, UTF_8);
            int lanes = within(content.getInt(), MOST_LANES);
            int entries = within(content.getInt(), MOST_ENTRIES);
            Remains remains = new Remains(new ArrayList<>(), new ArrayList<>());
            for (int lane = 0; lane < lanes; lane++) {
                int count = content.getInt();
                boolean isAlone = count == ALONE;
                int rows = isAlone ? 1 : within(count, entries);
                for (int entry = 0; entry < entries; entry++) {
                    RecordPlace place = new RecordPlace(topic, content.getInt(), content.getLong());
                    if (entry < rows) {
                        (isAlone ? remains.alone() : remains.together()).add(place);
                    }
                }
            }
            return remains;
        } catch (RuntimeException e) {
            throw new IOException("it is cut short or damaged", e);
        }
    }

    private static int within(int count, int most) {
        if (count < 0 || count > most) {
            throw new IllegalArgumentException("%d is not between 0 and %d".formatted(count, most));
        }
        return count;
    }
}
