package dev.penstock.bench.variants;

import java.io.Serializable;
import java.nio.file.Path;

/**
 * What all runs of one workload share.
 *
 * @param workload its name; the pipeline and the model have it too
 * @param directory the model's, and room for what a contender has to keep; text, since it is shipped to tasks
 * @param slots as {@link Scale} has them
 */
public record Setting(String brokers, String registryUrl, String workload, String directory, int slots)
        implements Serializable {
    /** Directory of the model. */
    public Path bundle() {
        return Path.of(directory, "bundle");
    }

    /** The same network as an ONNX file, where there is one. */
    public Path onnx() {
        return Path.of(directory, "model.onnx");
    }

    Path kept(String name) {
        return Path.of(directory, name);
    }
}
