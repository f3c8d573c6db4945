package dev.penstock.models.tensorflow;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * TensorFlow in this process. Its threads are decided once, before the first model is loaded, since TensorFlow makes
 * them with the first session and keeps them. Thread-safe.
 */
public final class TensorFlowRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(TensorFlowRuntime.class);

    private static @Nullable TensorFlowRuntime started;
    /** Of the whole process, as its threads are: TensorFlow finds its devices with the first session. */
    private static @Nullable SortedSet<String> gpus;
    /** Whether a session was configured, after which other devices would not be heeded. */
    private static boolean areDevicesFound;

    private final int kernelThreads;
    private final int operationThreads;
    private final CallSizes callSizes = new CallSizes();
    private @Nullable Boolean gpu;

    private TensorFlowRuntime(int kernelThreads, int operationThreads) {
        this.kernelThreads = kernelThreads;
        this.operationThreads = operationThreads;
    }

    /**
     * Runs a model in the thread that calls it: no hand-over, and half to a tenth of the processor time of TensorFlow's
     * own threads. Parallelism comes from loading a model once for each calling thread.
     */
    public static TensorFlowRuntime inCallingThread() {
        return start(new TensorFlowRuntime(1, -1));
    }

    /**
     * Runs a model on TensorFlow's threads, for few callers of large models.
     *
     * @param kernelThreads that share one operation, 1 or more
     * @param operationThreads that run operations side by side, 1 or more
     */
    public static TensorFlowRuntime withThreads(int kernelThreads, int operationThreads) {
        if (kernelThreads < 1 || operationThreads < 1) {
            throw new IllegalArgumentException("Cannot run TensorFlow with %d and %d threads: both must be 1 or more"
                    .formatted(kernelThreads, operationThreads));
        }
        return start(new TensorFlowRuntime(kernelThreads, operationThreads));
    }

    /**
     * Restricts TensorFlow to some of the machine's GPUs, before the first model is loaded; without this it takes all that
     * it finds. Where none of them answers, models run on the processor.
     *
     * @param indexes as CUDA counts devices from 0, or none at all: then models run on the processor, whatever others there
     *     are, since those are somebody else's; saying the same again changes nothing
     * @throws IllegalStateException if this process runs TensorFlow already with others
     */
    public static synchronized void restrictToGpus(Collection<String> indexes) {
        SortedSet<String> wanted = new TreeSet<>();
        for (String index : indexes) {
            if (!index.matches("[0-9]{1,3}")) {
                throw new IllegalArgumentException(
                        "Cannot restrict TensorFlow to GPU '%s': devices are numbers from 0".formatted(index));
            }
            wanted.add(index);
        }
        if (wanted.equals(gpus)) {
            return;
        }
        if (gpus != null || areDevicesFound) {
            throw new IllegalStateException(
                    "Cannot restrict TensorFlow to GPUs %s: this process runs it with %s already"
                            .formatted(wanted, gpus == null ? "all that there are" : gpus));
        }
        gpus = wanted;
    }

    /** @throws IllegalStateException if it runs already with other threads, or not at all on this machine */
    private static synchronized TensorFlowRuntime start(TensorFlowRuntime wanted) {
        if (started == null) {
            requireNatives();
            started = wanted;
        } else if (started.kernelThreads != wanted.kernelThreads
                || started.operationThreads != wanted.operationThreads) {
            throw new IllegalStateException("Cannot run TensorFlow %s: this process runs it %s already; decide once"
                    .formatted(wanted, started));
        }
        return started;
    }

    private static void requireNatives() {
        try {
            TensorFlow.version();
        } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
            throw new IllegalStateException(
                    "Cannot run TensorFlow: its native library does not load (%s); put tensorflow-core-native for this platform on the class path"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /** Whether a call takes the processor time of the thread that makes it, and of no other. */
    public boolean isInCallingThread() {
        return operationThreads < 0;
    }

    /**
     * Whether TensorFlow sees a GPU, on which it runs models then. It is asked once.
     *
     * @throws IllegalStateException if it cannot say
     */
    public synchronized boolean hasGpu() {
        Boolean known = gpu;
        if (known == null) {
            try {
                known = Devices.types(sessionConfig()).contains(Devices.GPU);
            } catch (TensorFlowFailure e) {
                throw new IllegalStateException("Cannot list devices: TensorFlow says: " + e.words(), e);
            }
            gpu = known;
            SortedSet<String> given = givenGpus();
            if (!known && given != null) {
                warnOfNone(given);
            }
        }
        return known;
    }

    private static void warnOfNone(SortedSet<String> given) {
        if (given.isEmpty()) {
            LOG.warn("This process was to be given GPUs, but got none: models run on the processor; what the discovery"
                    + " script said is in the log from the process's start");
        } else {
            LOG.warn(
                    "This process was given GPUs {}, but TensorFlow sees none: models run on the processor; look for"
                            + " the driver, CUDA 12 and cuDNN 9, and for TensorFlow's build for GPUs",
                    given);
        }
    }

    private static synchronized @Nullable SortedSet<String> givenGpus() {
        return gpus;
    }

    private static synchronized void chooseDevices(ConfigProto.Builder config) {
        areDevicesFound = true;
        // Or the first model takes all of the device, and there is no room to load its successor.
        GPUOptions.Builder options = GPUOptions.newBuilder().setAllowGrowth(true);
        if (gpus != null) {
            options.setVisibleDeviceList(String.join(",", gpus));
            // An empty list would be all of them.
            config.putDeviceCount(Devices.GPU, gpus.size());
        }
        config.setGpuOptions(options);
    }

    CallSizes callSizes() {
        return callSizes;
    }

    /** For every session of this process. */
    public byte[] sessionConfig() {
        ConfigProto.Builder config = ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(kernelThreads)
                .setInterOpParallelismThreads(operationThreads)
                // Graphs may name devices of the machine that they were made on.
                .setAllowSoftPlacement(true);
        chooseDevices(config);
        return config.build().toByteArray();
    }

    @Override
    public String toString() {
        return operationThreads < 0
                ? "in the calling thread"
                : "with %d kernel and %d operation threads".formatted(kernelThreads, operationThreads);
    }
}
