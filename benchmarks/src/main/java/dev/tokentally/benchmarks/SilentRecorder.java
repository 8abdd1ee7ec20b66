package dev.tokentally.benchmarks;

import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.usage.CallRecord;

/** Takes records and forgets them: what then remains is the cost of making them. */
final class SilentRecorder extends UsageRecorder {

    /** Written, so that the compiler must make the record. */
    volatile CallRecord last;

    @Override
    public void record(CallRecord record) {
        last = record;
    }
}
