package dev.penstock.models.tensorflow;

import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * TensorFlow in this process. Its threads are decided once, before the first model is loaded, since TensorFlow makes
 * them with the first session and keeps them. Thread-safe.
 */
public final class TensorFlowRuntime {
    private static @Nullable TensorFlowRuntime started;

    private final int kernelThreads;
    private final int operationThreads;

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
    boolean isInCallingThread() {
        return operationThreads < 0;
    }

    /** For every session of this process. */
    public byte[] sessionConfig() {
        return ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(kernelThreads)
                .setInterOpParallelismThreads(operationThreads)
                // Graphs may name devices of the machine that they were made on.
                .setAllowSoftPlacement(true)
                // Or the first model takes all of the device, and there is no room to load its successor.
                .setGpuOptions(GPUOptions.newBuilder().setAllowGrowth(true))
                .build()
                .toByteArray();
    }

    @Override
    public String toString() {
        return operationThreads < 0
                ? "in the calling thread"
                : "with %d kernel and %d operation threads".formatted(kernelThreads, operationThreads);
    }
}
