package dev.tokentally.testing;

import dev.tokentally.config.RecordingMode;
import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import jakarta.enterprise.inject.Vetoed;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps records in the memory of the test instead of storing them. Safe for use by many threads. */
@Vetoed
public final class RecordsInMemory implements UsageRecorder {

    private final List<CallRecord> all = new CopyOnWriteArrayList<>();
    private final List<CallRecord> whileTheCallerWaits = new CopyOnWriteArrayList<>();
    private final List<CallRecord> withoutWaiting = new CopyOnWriteArrayList<>();
    private final List<String> withoutScope = new CopyOnWriteArrayList<>();

    /** Begins without records. */
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
     * Says that no record waits or is lost, and how many calls were made outside a call scope.
     *
     * @return the state; without a spool
     */
    @Override
    public RecordingStatus status() {
        return new RecordingStatus(RecordingMode.SYNC, null, 0, null, 0, 0, withoutScope.size(), 0, Path.of(""));
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
     * The record of the only call.
     *
     * @return the record
     * @throws AssertionError when there is no record or more than one
     */
    public CallRecord only() {
        List<CallRecord> records = all();
        if (records.size() != 1) {
            throw new AssertionError("One call should be recorded, but there are " + records.size() + ": " + records);
        }
        return records.get(0);
    }

    /**
     * The records that arrived on the thread of the call.
     *
     * @return a copy
     */
    public List<CallRecord> whileTheCallerWaits() {
        return List.copyOf(whileTheCallerWaits);
    }

    /**
     * The records that arrived on a thread that must not wait, such as that of a stream.
     *
     * @return a copy
     */
    public List<CallRecord> withoutWaiting() {
        return List.copyOf(withoutWaiting);
    }

    /**
     * The log message for each call that went through outside a call scope.
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
