package dev.penstock.inference.crashes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records that were being scored when a process of this machine died: a model may abort the process, and would again
 * after each restart. A suspect is scored with nothing else in flight; if the process dies once more it is convicted,
 * and never scored again. Whatever else ends processes makes suspects too, which cost one call each.
 *
 * <p>Known to all tasks of a process. Thread-safe.
 */
public final class Suspects {
    private static final Logger LOG = LoggerFactory.getLogger(Suspects.class);
    private static final Map<Path, Suspects> OF_THIS_PROCESS = new ConcurrentHashMap<>();
    /** The newest are remembered: a job goes back no further than its last checkpoint. */
    private static final int MOST_REMEMBERED = 10_000;

    private static final String LIST = "suspects.tsv";
    private static final String LOCK = "suspects.lock";

    private final Path directory;
    /** Times that the process died with it in flight. */
    private final Map<RecordPlace, Integer> deaths = new ConcurrentHashMap<>();
    /** Batches share it; a suspect has it alone, so that nobody else can be to blame. */
    private final ReadWriteLock inFlight = new ReentrantReadWriteLock();

    private Suspects(Path directory) {
        this.directory = directory;
    }

    /** How a record is to be treated. */
    public enum Standing {
        CLEAR,
        /** The process died with it in flight, among others. */
        SUSPECT,
        /** The process died with it in flight, alone. */
        CONVICTED
    }

    /**
     * Those of a directory, those of processes that died since the last call among them.
     *
     * @param directory on a disk that outlives the process
     * @throws IOException if it cannot be read or written
     */
    public static Suspects in(Path directory) throws IOException {
        Path key = directory.toAbsolutePath().normalize();
        synchronized (OF_THIS_PROCESS) {
            Suspects known = OF_THIS_PROCESS.computeIfAbsent(key, Suspects::new);
            known.takeOver();
            return known;
        }
    }

    /** As a process would that has just started. */
    static Suspects ofNewProcess(Path directory) throws IOException {
        Suspects suspects = new Suspects(directory);
        suspects.takeOver();
        return suspects;
    }

    /** Takes over what dead processes left, and writes it down before it is forgotten there. */
    private void takeOver() throws IOException {
        guarded(() -> {
            Map<RecordPlace, Integer> all = readList(directory.resolve(LIST));
            List<Path> taken = new ArrayList<>();
            try (DirectoryStream<Path> journals = Files.newDirectoryStream(directory, "*" + InFlightJournal.SUFFIX)) {
                for (Path journal : journals) {
                    if (takeOver(journal, all)) {
                        taken.add(journal);
                    }
                }
            }
            if (!taken.isEmpty()) {
                writeList(directory.resolve(LIST), all);
                for (Path journal : taken) {
                    Files.deleteIfExists(journal);
                }
            }
            deaths.putAll(all);
            return all;
        });
    }

    private interface Guarded<T> {
        T work() throws IOException;
    }

    /** One at a time on this machine: a journal that is being made is not to be taken for a dead one's. */
    private <T> T guarded(Guarded<T> guarded) throws IOException {
        synchronized (OF_THIS_PROCESS) {
            Files.createDirectories(directory);
            try (FileChannel guard = FileChannel.open(
                            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = guard.lock()) {
                return guarded.work();
            }
        }
    }

    /** Whether its process is dead. */
    private static boolean takeOver(Path journal, Map<RecordPlace, Integer> deaths) throws IOException {
        try (FileChannel channel = FileChannel.open(journal, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return false;
            }
            InFlightJournal.Remains remains = InFlightJournal.read(channel);
            remains.together().forEach(place -> deaths.merge(place, 1, (before, one) -> before));
            remains.alone().forEach(place -> deaths.merge(place, 1, Integer::sum));
            int records = remains.together().size() + remains.alone().size();
            if (records > 0) {
                LOG.warn("A process died while it scored {} records; each of them is scored alone now", records);
            }
            return true;
        } catch (OverlappingFileLockException e) {
            return false; // This process's own.
        } catch (IOException e) {
            LOG.warn("Ignoring what a dead process left in {}: {}", journal, e.getMessage());
            return true;
        }
    }

    private static Map<RecordPlace, Integer> readList(Path list) throws IOException {
        Map<RecordPlace, Integer> deaths = new LinkedHashMap<>();
        if (!Files.exists(list)) {
            return deaths;
        }
        for (String line : Files.readAllLines(list, UTF_8)) {
            String[] fields = line.split("\t", -1);
            try {
                deaths.put(
                        new RecordPlace(fields[0], Integer.parseInt(fields[1]), Long.parseLong(fields[2])),
                        Integer.parseInt(fields[3]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                LOG.warn("Ignoring a line of {} that names no record: '{}'", list, line);
            }
        }
        return deaths;
    }

    private static void writeList(Path list, Map<RecordPlace, Integer> deaths) throws IOException {
        List<String> lines = deaths.entrySet().stream()
                .skip(Math.max(0, deaths.size() - MOST_REMEMBERED))
                .map(each -> "%s\t%d\t%d\t%d"
                        .formatted(
                                each.getKey().topic(),
                                each.getKey().partition(),
                                each.getKey().offset(),
                                each.getValue()))
                .toList();
        Path written = list.resolveSibling(LIST + ".new");
        Files.write(written, lines, UTF_8);
        Files.move(written, list, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    public Standing of(String topic, int partition, long offset) {
        if (deaths.isEmpty()) {
            return Standing.CLEAR;
        }
        int died = deaths.getOrDefault(new RecordPlace(topic, partition, offset), 0);
        return died == 0 ? Standing.CLEAR : died == 1 ? Standing.SUSPECT : Standing.CONVICTED;
    }

    /**
     * Watches over the batches of one task.
     *
     * @param topic that its records lie in
     * @param lanes that batches are scored in at a time
     * @param rows that a batch may have
     */
    public Watch watch(String topic, int lanes, int rows) throws IOException {
        return new Watch(guarded(() -> InFlightJournal.create(directory, topic, lanes, rows)), topic);
    }

    /** What one task has in flight. */
    public final class Watch implements AutoCloseable {
        private final InFlightJournal journal;
        private final String topic;

        private Watch(InFlightJournal journal, String topic) {
            this.journal = journal;
            this.topic = topic;
        }

        /** For batches that follow each other. */
        public Lane lane(int number) {
            return new Lane() {
                @Override
                public void begin(InFlightBatch batch, boolean isSuspect) {
                    lock(isSuspect).lock();
                    journal.begin(number, batch, isSuspect);
                }

                @Override
                public void end(InFlightBatch batch, boolean isSuspect) {
                    journal.end(number);
                    if (isSuspect) {
                        deaths.remove(new RecordPlace(topic, batch.partition(0), batch.offset(0)));
                    }
                    lock(isSuspect).unlock();
                }
            };
        }

        private Lock lock(boolean isSuspect) {
            return isSuspect ? inFlight.writeLock() : inFlight.readLock();
        }

        @Override
        public void close() throws IOException {
            journal.close();
        }
    }
}
