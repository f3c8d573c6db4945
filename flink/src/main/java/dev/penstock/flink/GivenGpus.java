package dev.penstock.flink;

import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * The GPUs that Flink gives a process, by its external-resource framework: {@code external-resources: gpu} in Flink's
 * configuration, and the driver that it brings for them.
 */
public final class GivenGpus {
    /** Name of the resource in Flink's configuration. */
    public static final String RESOURCE = "gpu";

    /** As Flink's driver for GPUs calls it. */
    private static final String INDEX = "index";

    private GivenGpus() {}

    /**
     * Of the whole process: its tasks share them.
     *
     * @return as CUDA counts devices from 0; none where Flink was told of none
     */
    public static Set<String> indexes(RuntimeContext context) {
        Set<String> indexes = new TreeSet<>();
        for (ExternalResourceInfo device : context.getExternalResourceInfos(RESOURCE)) {
            device.getProperty(INDEX).ifPresent(indexes::add);
        }
        return indexes;
    }
}
