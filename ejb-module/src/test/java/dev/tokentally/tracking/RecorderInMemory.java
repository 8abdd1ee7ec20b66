package dev.tokentally.tracking;

import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers the records that it gets, on any thread. A test can make it fail. */
final class RecorderInMemory implements UsageRecorder {

    final List<CallRecord> records = new CopyOnWriteArrayList<>();
    final List<CallRecord> withoutWaiting = new CopyOnWriteArrayList<>();
    final List<String> withoutScope = new CopyOnWriteArrayList<>();
    Error failure;

    @Override
    public void record(CallRecord record) {
        failIfTold();
        records.add(record);
    }

    @Override
    public void recordWithoutWaiting(CallRecord record) {
        failIfTold();
        withoutWaiting.add(record);
    }

    @Override
    public void withoutScope(String what) {
        failIfTold();
        withoutScope.add(what);
    }

    @Override
    public RecordingStatus status() {
        throw new UnsupportedOperationException("tracking does not ask");
    }

    private void failIfTold() {
        if (failure != null) {
            throw failure;
        }
    }
}
