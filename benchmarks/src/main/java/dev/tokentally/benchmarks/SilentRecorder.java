package dev.tokentally.benchmarks;

import dev.tokentally.recording.RecordingStatus;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;

/** Accepts records and discards them, so that only the cost of creating them is measured. */
final class SilentRecorder implements UsageRecorder {

    /** The last record. It is stored so that the compiler cannot optimise its creation away. */
    volatile CallRecord last;

    @Override
    public void record(CallRecord record) {
        last = record;
    }

    @Override
    public void recordWithoutWaiting(CallRecord record) {
        last = record;
    }

    @Override
    public void withoutScope(String what) {
        throw new UnsupportedOperationException(what);
    }

    @Override
    public RecordingStatus status() {
        throw new UnsupportedOperationException("nothing is recorded");
    }
}
