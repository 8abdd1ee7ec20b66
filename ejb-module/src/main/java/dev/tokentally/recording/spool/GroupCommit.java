package dev.tokentally.recording.spool;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Forces appended records to the disk, once for all callers that wait for it. Positions are counted in bytes that were appended
 * since the start. Safe for use by many threads.
 */
final class GroupCommit {

    /**
     * The longest wait for other callers. Without a limit, half the time of the last force could be very long on a disk that hung.
     */
    private static final long LONGEST_WAIT_FOR_COMPANY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final Log log;
    /** Guards all fields that are not volatile. It is free while the disk forces. */
    private final ReentrantLock forcing = new ReentrantLock();

    private final Condition forceDone = forcing.newCondition();
    private final Condition companyIsBack = forcing.newCondition();
    private boolean forceUnderWay;
    private long forcedRecords;
    /** How many records the last force wrote, together with those that were appended while it ran. */
    private long company;

    private long forceNanos;
    private long forced;
    /** Written under the lock of the log, and read under {@link #forcing}. */
    private volatile long unforced;

    GroupCommit(Log log) {
        this.log = log;
    }

    /** Records up to this position may not be on the disk, and no later force can change that. The caller holds the log's lock. */
    void lost(long upTo) {
        unforced = upTo;
    }

    /**
     * Waits until the disk has everything up to a position. One thread forces for all callers that have appended before. The next
     * force serves callers that append meanwhile.
     *
     * @throws SpoolUnforcedException when the disk failed to do so
     */
    void force(long end) throws SpoolUnforcedException {
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
                throw new SpoolUnforcedException(null);
            }
        } finally {
            forcing.unlock();
        }
    }

    /** Whatever is thrown, the next caller can force. Otherwise each later caller would wait for ever. */
    private void forceForAll() throws SpoolUnforcedException {
        forceUnderWay = true;
        try {
            awaitCompany();
            forceWithoutLock();
        } finally {
            lockAgain();
            forceUnderWay = false;
            forceDone.signalAll();
        }
    }

    private void forceWithoutLock() throws SpoolUnforcedException {
        long records = log.appendedRecords();
        long began = System.nanoTime();
        long upTo = 0;
        forcing.unlock();
        try {
            upTo = log.forceAll();
        } catch (IOException e) {
            throw new SpoolUnforcedException(e);
        } finally {
            lockAgain();
            forceNanos = System.nanoTime() - began;
            forced = Math.max(forced, upTo);
            company = log.appendedRecords() - forcedRecords;
            forcedRecords = records;
        }
    }

    /** Java 17 needs memory to wait for a lock. If memory is short, this tries until the lock is free, which needs none. */
    private void lockAgain() {
        if (forcing.isHeldByCurrentThread()) {
            return;
        }
        try {
            forcing.lock();
        } catch (Error shortOfMemory) {
            while (!forcing.tryLock()) {
                Thread.onSpinWait();
            }
        }
    }

    /**
     * After a force returns, its callers may soon append again. If the next force started at once, it would serve only the callers
     * that waited meanwhile. Two groups would then take turns, and each force would serve half of the callers. So a force waits
     * until as many records have been appended as last time, but no longer than half the time of a force. A caller that was alone
     * last time does not wait.
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

    /** The log to which records are appended. */
    interface Log {

        /** How many records were appended since the start. */
        long appendedRecords();

        /**
         * Forces everything that was appended before, and returns the position up to which it did. Only one thread calls it at a
         * time.
         *
         * @throws IOException when the disk fails; {@link GroupCommit#lost} was called before
         */
        long forceAll() throws IOException;
    }
}
