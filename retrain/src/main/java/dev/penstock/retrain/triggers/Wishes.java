package dev.penstock.retrain.triggers;

import dev.penstock.schemas.TrainingCause;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/** What else than labels asks for a training of the current key's model, and which commands were obeyed. */
final class Wishes {
    private final ValueState<Wish> wish;
    /** Ids of commands that were obeyed, with when they were read. */
    private final MapState<String, Long> obeyed;

    Wishes(RuntimeContext context) {
        wish = context.getState(new ValueStateDescriptor<>("wish", TypeInformation.of(Wish.class)));
        obeyed = context.getMapState(new MapStateDescriptor<>("obeyed-commands", Types.STRING, Types.LONG));
    }

    /** One does for all that wait; a person's goes before drift. */
    void add(Wish another) throws Exception {
        Wish before = wish.value();
        if (before == null || another.goesBefore(before)) {
            wish.update(another);
        } else if (another.cause() == TrainingCause.COMMAND) {
            wish.update(before.and(another));
        }
    }

    @Nullable
    Wish waiting() throws Exception {
        return wish.value();
    }

    boolean isAPersons() throws Exception {
        Wish waiting = wish.value();
        return waiting != null && waiting.cause() == TrainingCause.COMMAND;
    }

    /** It is granted, or nobody wants it any more. */
    void clear() {
        wish.clear();
    }

    boolean isObeyed(String commandId) throws Exception {
        return obeyed.contains(commandId);
    }

    /** @param oldest what was obeyed before that is not valid any more if it comes again */
    void obey(String commandId, long now, long oldest) throws Exception {
        Iterator<Map.Entry<String, Long>> entries = obeyed.iterator();
        while (entries.hasNext()) {
            if (entries.next().getValue() < oldest) {
                entries.remove();
            }
        }
        obeyed.put(commandId, now);
    }
}
