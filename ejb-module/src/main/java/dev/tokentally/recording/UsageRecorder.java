package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;

/**
 * Makes records arrive: each goes to the store, or waits on the local disk until the store takes it. No method throws. A record is
 * lost only if neither the store nor the disk takes it, which is an ERROR in the log and counted. Safe for use by many threads.
 */
public interface UsageRecorder {

    /**
     * Keeps a record. When this returns, the record is in the store or in the spool. An interrupt of the calling thread does not
     * stop that, and it is not lost either.
     *
     * @param record what to keep; not null
     */
    void record(CallRecord record);

    /**
     * Keeps a record without waiting for the store. It is for threads for which others wait, such as those of an HTTP client. When
     * this returns, the record is in the spool. With {@code tokentally.spool.durability=power} the disk has it shortly after. If
     * the spool does not take the record, a thread of the module gets it and does what {@link #record} does.
     *
     * @param record what to keep; not null
     */
    void recordWithoutWaiting(CallRecord record);

    /**
     * A call was made outside a call scope and has no record. Writes an ERROR to the log and counts the call.
     *
     * @param what happened, for the log; holds nothing from outside
     */
    void withoutScope(String what);

    /**
     * What recording is doing now.
     *
     * @return the state, read without waiting for the store
     */
    RecordingStatus status();
}
