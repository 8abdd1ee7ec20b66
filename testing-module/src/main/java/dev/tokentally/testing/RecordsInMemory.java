package dev.tokentally.testing;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import jakarta.enterprise.inject.Vetoed;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps records in the memory of the test instead of storing them. Safe for use by many threads. */
@Vetoed
public final class RecordsInMemory extends UsageRecorder {

    private final List<CallRecord> all = new CopyOnWriteArrayList<>();
    private final List<CallRecord> whileTheCallerWaits = new CopyOnWriteArrayList<>();
    private final List<CallRecord> withoutWaiting = new CopyOnWriteArrayList<>();
    private final List<String> withoutScope = new CopyOnWriteArrayList<>();

    /** Without any records. */
    public RecordsInMemory() {}

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
     * All records, in the order in which the calls ended.
     *
     * @return a copy
     */
    public List<CallRecord> all() {
        return List.copyOf(all);
    }

    /**
     * The record of the one call that was made.
     *
     * @return it
     * @throws AssertionError when there are none or several
     */
    public CallRecord only() {
        List<CallRecord> records = all();
        if (records.size() != 1) {
            throw new AssertionError("One call should be recorded, but there are " + records.size() + ": " + records);
        }
        return records.get(0);
    }

    /**
     * The records that came on the thread which made the call.
     *
     * @return a copy
     */
    public List<CallRecord> whileTheCallerWaits() {
        return List.copyOf(whileTheCallerWaits);
    }

    /**
     * The records that came on a thread which must not wait, such as that of a stream.
     *
     * @return a copy
     */
    public List<CallRecord> withoutWaiting() {
        return List.copyOf(withoutWaiting);
    }

    /**
     * What the log would say of each call that was made outside a call scope and went through.
     *
     * @return a copy
     */
    public List<String> withoutScope() {
        return List.copyOf(withoutScope);
    }

    /** Forgets everything. */
    public void clear() {
        all.clear();
        whileTheCallerWaits.clear();
        withoutWaiting.clear();
        withoutScope.clear();
    }
}
