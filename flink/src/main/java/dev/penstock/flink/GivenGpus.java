package dev.penstock.flink;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

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
     * @return as CUDA counts devices from 0; none of them where the process was to have some and did not get them, which
     *     Flink only warns of; empty where nobody spoke of GPUs
     */
    public static Optional<Set<String>> indexes(StreamingRuntimeContext context) {
        Set<String> indexes = new TreeSet<>();
        for (ExternalResourceInfo device : context.getExternalResourceInfos(RESOURCE)) {
            device.getProperty(INDEX).ifPresent(indexes::add);
        }
        boolean spokenOf = context.getTaskManagerRuntimeInfo()
                .getConfiguration()
                .get(ExternalResourceOptions.EXTERNAL_RESOURCE_LIST)
                .contains(RESOURCE);
        return indexes.isEmpty() && !spokenOf ? Optional.empty() : Optional.of(indexes);
    }
}
