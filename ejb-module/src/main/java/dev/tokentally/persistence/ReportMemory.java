package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The part of a report in the memory that all reports share. A rollup has one of its own while it is made. Everything that grows
 * with the calls takes memory here: different values, names, blocks, and the JSON of each block. Closing it gives the memory back.
 */
final class ReportMemory implements AutoCloseable {

    /** The memory of an entry of a hash table and of a string without its text. */
    private static final int ENTRY = 100;

    /** In the heap a letter takes two bytes. In JSON it takes up to three, and up to three copies of the JSON exist at a time. */
    private static final int LETTER = 2 + 3 * 3;

    private final AtomicLong left;
    private long taken;
    private long forJoins;

    /**
     * Takes nothing yet.
     *
     * @param left how many bytes all reports together may still take
     */
    ReportMemory(AtomicLong left) {
        this.left = left;
    }

    void take(long bytes) throws ReportTooLargeException {
        taken += bytes;
        if (left.addAndGet(-bytes) < 0) {
            throw new ReportTooLargeException(
                    "there are too many names, or different durations and token counts, for the memory of reports; this report used "
                            + (taken - bytes) + " bytes of what all running reports share");
        }
    }

    /** Takes memory for a name and for the data that is kept with it. */
    void take(String name, long bytes) throws ReportTooLargeException {
        take(ENTRY + (long) LETTER * name.length() + bytes);
    }

    /** Takes memory for calls that are kept until they are joined by their call id. */
    void takeForJoins(long bytes) throws ReportTooLargeException {
        forJoins += bytes;
        take(bytes);
    }

    void giveBackJoins(long bytes) {
        forJoins -= bytes;
        giveBack(bytes);
    }

    /** Whether calls that are to be joined take most of the memory. */
    boolean isMostlyForJoins() {
        return forJoins > taken / 2;
    }

    long taken() {
        return taken;
    }

    void giveBack(long bytes) {
        taken -= bytes;
        left.addAndGet(bytes);
    }

    @Override
    public void close() {
        giveBack(taken);
    }
}
