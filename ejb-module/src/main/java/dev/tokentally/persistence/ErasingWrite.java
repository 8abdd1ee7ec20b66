package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;

/** A write of records while users are erased. It is closed when the write has ended, with or without success. */
interface ErasingWrite extends AutoCloseable {

    /** The record in the form in which it is written: with a pseudonym in place of an erased user. */
    CallRecord of(CallRecord call);

    @Override
    void close();
}
