package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what is handed over, on any thread. */
public final class RecordsInMemory extends UsageRecorder {

    /** On the thread that made the call. */
    public final List<CallRecord> whileTheCallerWaits = new CopyOnWriteArrayList<>();

    /** On a thread that must not wait. */
    public final List<CallRecord> withoutWaiting = new CopyOnWriteArrayList<>();

    /** What was told of calls outside a call scope. */
    public final List<String> withoutScope = new CopyOnWriteArrayList<>();

    @Override
    public void record(CallRecord record) {
        whileTheCallerWaits.add(record);
    }

    @Override
    public void recordWithoutWaiting(CallRecord record) {
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
        assertThat(whileTheCallerWaits.size() + withoutWaiting.size())
                .as("records")
                .isEqualTo(1);
        return whileTheCallerWaits.isEmpty() ? withoutWaiting.get(0) : whileTheCallerWaits.get(0);
    }
}
