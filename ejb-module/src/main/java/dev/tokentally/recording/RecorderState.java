package dev.tokentally.recording;

import dev.tokentally.recording.DirectWrites.DirectWrite;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.time.SingleThread;
import dev.tokentally.usage.CallRecord;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the recorder is in its life: closed, opened, recording, stopped. A state is immutable, and holds only the parts that exist
 * in it. A recorder that could not be opened stays closed, and one that could not be started stays opened: records then wait in the
 * spool.
 */
sealed interface RecorderState {

    /** The spool, which is there in all states but the first. */
    Opened opened();

    /** Begins a write to the store; empty if there is none. */
    default Optional<DirectWrite> write(CallRecord record) {
        return Optional.empty();
    }

    /** Lets a thread of the module run a task. Returns whether one will. */
    default boolean hand(Runnable task) {
        return false;
    }

    /** Tells that a record was appended to the spool. */
    default void appended(CallRecord record) {}

    /** Makes the drainer's thread if there is none. If it could not be made at the start, records would otherwise wait for ever. */
    default void ensureDrained() {}

    /** The spool is not open, so no record can be kept. */
    record Closed() implements RecorderState {

        @Override
        public Opened opened() {
            throw new IllegalStateException("the spool is not open");
        }
    }

    /**
     * The spool is open. Records wait in it, since nothing writes to the store.
     *
     * @param options of the spool
     * @param spool where records wait
     * @param circuit says whether calls may write to the store
     */
    record Opened(SpoolOptions options, Spool spool, Circuit circuit) implements RecorderState {

        @Override
        public Opened opened() {
            return this;
        }
    }

    /**
     * Records go to the store.
     *
     * @param opened the state before
     * @param threads talk to the store
     * @param drainer takes records from the spool to the store
     * @param draining the drainer's thread
     * @param direct writes for callers
     */
    record Recording(Opened opened, StoreThreads threads, Drainer drainer, SingleThread draining, DirectWrites direct)
            implements RecorderState {

        @Override
        public Optional<DirectWrite> write(CallRecord record) {
            return Optional.of(direct.of(record));
        }

        @Override
        public boolean hand(Runnable task) {
            return threads.hand(task);
        }

        @Override
        public void appended(CallRecord record) {
            drainer.waits(record);
            drainer.wake();
            draining.ensure();
        }

        @Override
        public void ensureDrained() {
            draining.ensure();
        }

        /** Empties the spool, and waits for writes that are under way. */
        void end(Duration drain, Duration writes) throws InterruptedException {
            drainer.stopWithin(drain);
            draining.stop(drain.plusSeconds(1));
            threads.stop(writes);
        }
    }

    /**
     * No call writes to the store any more. What is left of the state before comes to its end, and then the spool is closed.
     *
     * @param before what was stopped
     */
    record Stopped(RecorderState before) implements RecorderState {

        @Override
        public Opened opened() {
            return before.opened();
        }

        @Override
        public boolean hand(Runnable task) {
            return before.hand(task);
        }

        @Override
        public void appended(CallRecord record) {
            before.appended(record);
        }

        @Override
        public void ensureDrained() {
            before.ensureDrained();
        }
    }
}
