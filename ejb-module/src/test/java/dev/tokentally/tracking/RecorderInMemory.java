package dev.tokentally.tracking;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;
import java.util.ArrayList;
import java.util.List;

/** Remembers what the decorator hands over; fails when told to. */
final class RecorderInMemory extends UsageRecorder {

    final List<CallRecord> records = new ArrayList<>();
    Error failure;

    @Override
    public void record(CallRecord record) {
        if (failure != null) {
            throw failure;
        }
        records.add(record);
    }
}
