package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what is handed over, on any thread. */
public final class RecordsInMemory extends UsageRecorder {

    /** In the order in which they came. An answer that is there at once comes on the thread that asked. */
    public final List<CallRecord> all = new CopyOnWriteArrayList<>();

    /** On the thread that made the call. */
    public final List<CallRecord> whileTheCallerWaits = new CopyOnWriteArrayList<>();

    /** On a thread that must not wait. */
    public final List<CallRecord> withoutWaiting = new CopyOnWriteArrayList<>();

    /** What was told of calls outside a call scope. */
    public final List<String> withoutScope = new CopyOnWriteArrayList<>();

    @Override
    public void record(CallRecord record) {
        all.add(record);
        whileTheCallerWaits.add(record);
    }

    @Override
    public void recordWithoutWaiting(CallRecord record) {
        all.add(record);
        withoutWaiting.add(record);
    }

    @Override
    public void withoutScope(String what) {
        withoutScope.add(what);
    }

    /**
     * The record, where there is just one of both kinds together.
     *
     * @return it
     */
    public CallRecord only() {
        assertThat(all).as("records").hasSize(1);
        return all.get(0);
    }
}
