package dev.tokentally.recording.spool;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Has the disk take what was appended, once for all who wait for it. Positions are counted in bytes that were appended since
 * the start. Safe for use by many threads.
 */
final class GroupCommit {

    /** On a disk that has got stuck, half a force may be long. */
    private static final long LONGEST_WAIT_FOR_COMPANY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Log log;
    private final ReentrantLock forcing = new ReentrantLock();
    private final Condition forceDone = forcing.newCondition();
    private final Condition companyIsBack = forcing.newCondition();
    private boolean forceUnderWay;
    private long forcedRecords;
    /** How many records the last force was for, with those that were appended while it went on. */
    private long company;

    private long forceNanos;
    private long forced;
    private volatile long unforced;

    GroupCommit(Log log) {
        this.log = log;
    }

    /** What was appended up to there is not sure to be on the disk, and never will be. */
    void lost(long upTo) {
        unforced = upTo;
    }

    /**
     * Waits until the disk has all up to a position. One thread forces for all that have appended before; those that append
     * meanwhile are the next one's.
     *
     * @throws IOException when the disk did not take it
     */
    void force(long end) throws IOException {
        forcing.lock();
        try {
            if (isCompanyBack()) {
                companyIsBack.signal();
            }
            while (forced < end) {
                if (forceUnderWay) {
                    forceDone.awaitUninterruptibly();
                } else {
                    forceForAll();
                }
            }
            if (end <= unforced) {
                throw new IOException("a segment of the spool could not be forced to the disk");
            }
        } finally {
            forcing.unlock();
        }
    }

    private void forceForAll() throws IOException {
        forceUnderWay = true;
        awaitCompany();
        forcing.unlock();
        long began = System.nanoTime();
        long records = log.appendedRecords();
        long upTo = 0;
        try {
            upTo = log.forceAll();
        } finally {
            forcing.lock();
            forceNanos = System.nanoTime() - began;
            forced = Math.max(forced, upTo);
            company = log.appendedRecords() - forcedRecords;
            forcedRecords = records;
            forceUnderWay = false;
            forceDone.signalAll();
        }
    }

    /**
     * Those whom the last force was for may be about to append again: forced at once, they and those who waited meanwhile
     * would take turns, each turn with half of them. So whoever had company waits for as many, but no longer than half a force
     * takes; who is alone does not wait.
     */
    private void awaitCompany() {
        long left = Math.min(forceNanos / 2, LONGEST_WAIT_FOR_COMPANY_NANOS);
        try {
            while (!isCompanyBack() && left > 0) {
                left = companyIsBack.awaitNanos(left);
            }
        } catch (InterruptedException kept) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isCompanyBack() {
        return log.appendedRecords() - forcedRecords >= company;
    }

    /** What is appended to. */
    interface Log {

        /** How many records were appended since the start. */
        long appendedRecords();

        /**
         * Forces all that was appended before; answers up to where. It is called by one thread at a time.
         *
         * @throws IOException when the disk does not take it, which {@link GroupCommit#lost} was told of
         */
        long forceAll() throws IOException;
    }
}
