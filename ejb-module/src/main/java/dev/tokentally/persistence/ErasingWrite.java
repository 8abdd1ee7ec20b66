package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;

/** A write of records while users are erased. Closed when the write has ended, however it did. */
interface ErasingWrite extends AutoCloseable {

    /** The record as it is to be written: with a pseudonym in place of a user who is erased. */
    CallRecord of(CallRecord call);

    @Override
    void close();
}
