package dev.penstock.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This machine: versions, memory, disk, and the local platform's process if one runs here. */
final class MachineCheck {
    private static final int JAVA = 17;
    private static final long MIB = 1024 * 1024;
    private static final long GIB = 1024 * MIB;
    /** What a model of ordinary size needs beside what runs already. */
    private static final long LITTLE_MEMORY = 512 * MIB;
    /** Kafka stops a directory's logs for good when a write to it fails. */
    private static final long NO_DISK = GIB;

    private static final long LITTLE_DISK = 5 * GIB;

    private final Path data;

    MachineCheck(Path data) {
        this.data = data;
    }

    List<Finding> versions() {
        String penstock = MachineCheck.class.getPackage().getImplementationVersion();
        Runtime.Version java = Runtime.version();
        String what = "Penstock %s, Java %s, %s %s on %s with %d processors"
                .formatted(
                        penstock == null ? "(development)" : penstock,
                        java,
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("os.arch"),
                        Runtime.getRuntime().availableProcessors());
        return List.of(
                java.feature() == JAVA
                        ? Finding.ok(what)
                        : Finding.warning(what, "Use Java %d: it is what Flink 2.3 is built for.".formatted(JAVA)));
    }

    List<Finding> memory() {
        List<Finding> findings = new ArrayList<>();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long total = system.getTotalMemorySize();
        // In a container /proc tells of the machine outside, and Java of what the container may have.
        long outside = ProcFiles.availableMemory().orElse(Long.MAX_VALUE);
        long available = outside <= total ? outside : system.getFreeMemorySize();
        String machine = "%s of %s are free".formatted(Amounts.bytes(available), Amounts.bytes(total));
        findings.add(
                available >= LITTLE_MEMORY
                        ? Finding.ok(machine)
                        : Finding.warning(
                                machine, "Stop something, or give the platform less with PENSTOCK_HEAP=512m."));
        for (ProcFiles.PlatformProcess platform : ProcFiles.platforms()) {
            findings.add(Finding.ok("the platform's process %d takes %s in all, and may use a heap of %s"
                    .formatted(platform.id(), Amounts.bytes(platform.residentBytes()), platform.heapLimit())));
        }
        return findings;
    }

    /** Of the local platform's data. */
    List<Finding> disk() throws IOException {
        Path existing = data.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        FileStore store = Files.getFileStore(existing);
        long free = store.getUsableSpace();
        String what = "%s are free for %s".formatted(Amounts.bytes(free), data);
        String remedy = "Free some, or choose another directory with --data.";
        if (free < NO_DISK) {
            return List.of(Finding.problem(what, remedy));
        }
        return List.of(free < LITTLE_DISK ? Finding.warning(what, remedy) : Finding.ok(what));
    }
}
