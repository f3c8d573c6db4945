package dev.penstock.chaos.platform;

import dev.penstock.chaos.processes.Program;
import dev.penstock.chaos.processes.SupervisedProcess;
import dev.penstock.local.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Flink cluster in application mode: a JobManager that runs the jobs of a directory, and TaskManagers, each a process.
 * Nothing watches over them but whoever starts them again, as with containers. The caller closes it.
 */
public final class Flink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Flink.class);
    private static final String APPLICATION =
            "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint";
    private static final String TASK_MANAGER = "dev.penstock.deploy.TaskManager";
    private static final String JOBS_MAIN = "dev.penstock.deploy.Main";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** What a TaskManager writes into its log that is there and knows no JobManager. */
    private static final String LOOKING = "Connecting to ResourceManager";

    /** Framework and tasks; the memory of models is beside it. */
    private static final int TASK_MANAGER_HEAP_MEBIBYTES = 384;

    private static final int JOB_MANAGER_HEAP_MEBIBYTES = 256;

    private static final List<String> OPENED = List.of(
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.net=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
            "--add-opens=java.base/java.text=ALL-UNNAMED",
            "--add-opens=java.base/java.time=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent.locks=ALL-UNNAMED",
            "--add-exports=java.base/sun.net.util=ALL-UNNAMED",
            "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED");

    private final Installation installation;
    private final Path directory;
    private final Path logs;
    private final Path jobs;
    private final CheckpointAccess checkpoints;
    private final Size size;
    private final List<String> javaOptions;
    private final Clocks clocks;
    private final FlinkRest rest;
    private final List<SupervisedProcess> taskManagers = new ArrayList<>();
    private final SupervisedProcess jobManager;
    private Release release;
    private int rpcPort;
    private int releases;
    private int taskManagersEver;

    /**
     * @param taskManagers processes
     * @param slots of each
     * @param parallelism of the jobs
     */
    public record Size(int taskManagers, int slots, int parallelism) {
        public Size {
            if (taskManagers < 1 || slots < 1 || parallelism < 1 || parallelism > taskManagers * slots) {
                throw new IllegalArgumentException(
                        "Cannot run %d tasks side by side on %d TaskManagers of %d slots: use 1 or more of each, and enough"
                                .formatted(parallelism, taskManagers, slots));
            }
        }

        /** Two TaskManagers, either of which has room for all: what is killed need not be waited for. */
        public static Size usual() {
            return new Size(2, 2, 2);
        }
    }

    /**
     * @param jobs directory with the jobs' configuration
     * @param checkpoints in which the jobs look for the state to go on from
     */
    Flink(
            Installation installation,
            Path directory,
            Path logs,
            Path jobs,
            CheckpointAccess checkpoints,
            Size size,
            List<String> javaOptions,
            Clocks clocks)
            throws IOException, InterruptedException {
        this.installation = installation;
        this.directory = directory;
        this.logs = logs;
        this.jobs = jobs;
        this.checkpoints = checkpoints;
        this.size = size;
        this.javaOptions = List.copyOf(javaOptions);
        this.clocks = clocks;
        int restPort = FreePort.find();
        this.rest = new FlinkRest(restPort);
        Files.createDirectories(directory.resolve("conf"));
        Files.writeString(directory.resolve("conf").resolve("config.yaml"), settings(restPort));
        this.release = nextRelease();
        this.rpcPort = FreePort.find();
        this.jobManager = new SupervisedProcess("jobmanager", jobManagerProgram(), logs.resolve("jobmanager.log"));
        addTaskManagers();
    }

    void start() {
        jobManager.start();
        taskManagers.forEach(SupervisedProcess::start);
    }

    void kill() throws InterruptedException {
        jobManager.killForGood();
        for (SupervisedProcess taskManager : taskManagers) {
            taskManager.killForGood();
        }
    }

    public FlinkRest rest() {
        return rest;
    }

    public SupervisedProcess jobManager() {
        return jobManager;
    }

    public List<SupervisedProcess> taskManagers() {
        return List.copyOf(taskManagers);
    }

    public int slots() {
        return size.slots();
    }

    /**
     * Replaces jobs and processes by new ones while events flow: TaskManagers with the new code come up beside the old
     * ones and look for a JobManager that is not there yet, the jobs stop with savepoints, and the new JobManager goes on
     * from these. TaskManagers that knew the old one would notice that it is gone only when its heartbeat has timed out.
     */
    public void upgrade() throws IOException, InterruptedException {
        List<SupervisedProcess> old = List.copyOf(taskManagers);
        release = nextRelease();
        rpcPort = FreePort.find();
        taskManagers.clear();
        addTaskManagers();
        taskManagers.forEach(SupervisedProcess::start);
        for (SupervisedProcess taskManager : taskManagers) {
            awaitLooking(taskManager);
        }
        jobManager.replace(jobManagerProgram());
        for (FlinkRest.Job job : rest.jobs()) {
            if (job.state().equals("RUNNING")) {
                String savepoint = rest.stopWithSavepoint(job.id(), checkpoints.savepoints(), PATIENCE);
                LOG.info("Job {} stopped at {}", job.name(), savepoint);
            }
        }
        for (SupervisedProcess taskManager : old) {
            taskManager.killForGood();
        }
        // It ends by itself once its jobs have; that is not waited for.
        jobManager.kill();
    }

    private static void awaitLooking(SupervisedProcess taskManager) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(taskManager.log())
                || !Files.readString(taskManager.log()).contains(LOOKING)) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Cannot go on: %s does not look for a JobManager after %s; see %s"
                        .formatted(taskManager.name(), PATIENCE, taskManager.log()));
            }
            Thread.sleep(100);
        }
    }

    private Release nextRelease() throws IOException, InterruptedException {
        releases++;
        List<String> options = new ArrayList<>(javaOptions);
        options.addAll(OPENED);
        return Release.install(
                installation,
                directory.resolve("release-" + releases),
                options,
                logs.resolve("classes-%d.log".formatted(releases)));
    }

    private void addTaskManagers() throws IOException {
        for (int count = 0; count < size.taskManagers(); count++) {
            String name = "taskmanager-" + ++taskManagersEver;
            Path temporary = Files.createDirectories(directory.resolve(name));
            Program program = program(
                            TASK_MANAGER,
                            TASK_MANAGER_HEAP_MEBIBYTES,
                            List.of("-Dio.tmp.dirs=" + temporary, "-Dtaskmanager.resource-id=" + name))
                    .with(clocks.variables(name));
            taskManagers.add(new SupervisedProcess(name, program, logs.resolve(name + ".log")));
        }
    }

    private Program jobManagerProgram() throws IOException {
        Path temporary = Files.createDirectories(directory.resolve("jobmanager"));
        return program(
                APPLICATION,
                JOB_MANAGER_HEAP_MEBIBYTES,
                List.of("-Dio.tmp.dirs=" + temporary, "--job-classname", JOBS_MAIN, jobs.toString()));
    }

    private Program program(String mainClass, int heapMebibytes, List<String> arguments) {
        List<String> options = new ArrayList<>(javaOptions);
        options.add("-Xmx%dm".formatted(heapMebibytes));
        options.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
        options.addAll(OPENED);
        List<String> all =
                new ArrayList<>(List.of("--configDir", directory.resolve("conf").toString()));
        all.add("-Djobmanager.rpc.port=" + rpcPort);
        all.addAll(arguments);
        return release.program(options, mainClass, all).with(checkpoints.variables());
    }

    private String settings(int restPort) {
        return """
                jobmanager.rpc.address: localhost
                jobmanager.bind-host: localhost
                rest.address: localhost
                rest.bind-address: localhost
                rest.port: %d
                web.submit.enable: false
                taskmanager.host: localhost
                taskmanager.bind-host: localhost
                taskmanager.numberOfTaskSlots: %d
                parallelism.default: %d
                # Tasks on as many processes as there are: otherwise half of the kills would hit one that idles.
                taskmanager.load-balance.mode: TASKS
                taskmanager.cpu.cores: 1
                taskmanager.memory.framework.heap.size: 128m
                taskmanager.memory.task.heap.size: 256m
                taskmanager.memory.framework.off-heap.size: 64m
                taskmanager.memory.task.off-heap.size: 128m
                taskmanager.memory.network.min: 32m
                taskmanager.memory.network.max: 32m
                taskmanager.memory.managed.size: 0m
                taskmanager.memory.jvm-metaspace.size: 192m
                taskmanager.memory.jvm-overhead.min: 192m
                taskmanager.memory.jvm-overhead.max: 192m
                # A process that is gone refuses connections: two calls that fail tell it from one that is slow.
                heartbeat.interval: 1 s
                heartbeat.timeout: 15 s
                heartbeat.rpc-failure-threshold: 2
                # TaskManagers look for a JobManager that was started again as often as this.
                cluster.registration.max-timeout: 1 s
                cluster.registration.error-delay: 1 s
                cluster.registration.refused-registration-delay: 1 s
                # On a machine that is busy; Flink's 10 s end a process that only starts slowly.
                pekko.startup-timeout: 60 s
                """.formatted(restPort, size.slots(), size.parallelism()) + checkpoints.settings();
    }

    @Override
    public void close() {
        jobManager.close();
        taskManagers.forEach(SupervisedProcess::close);
    }
}
