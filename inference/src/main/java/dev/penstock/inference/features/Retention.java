package dev.penstock.inference.features;

import java.time.Duration;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/** State that goes when nothing has been written to it for so long that nothing can need it. */
final class Retention {
    private Retention() {}

    static <T> ValueStateDescriptor<T> valueState(String name, TypeInformation<T> type, Duration retention) {
        ValueStateDescriptor<T> descriptor = new ValueStateDescriptor<>(name, type);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(retention)
                .updateTtlOnCreateAndWrite()
                .neverReturnExpired()
                .build());
        return descriptor;
    }
}
