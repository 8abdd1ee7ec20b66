package dev.tokentally.tracking;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayList;
import java.util.List;

/** Remembers what is handed over; fails when told to. */
final class RecorderInMemory extends UsageRecorder {

    final List<CallRecord> records = new ArrayList<>();
    final List<CallRecord> withoutWaiting = new ArrayList<>();
    final List<String> withoutScope = new ArrayList<>();
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

    private void failIfTold() {
        if (failure != null) {
            throw failure;
        }
    }
}
