package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of a report, of that which all reports share. Everything takes from it that grows with the calls: different
 * values, names, blocks, and what the answer's JSON will take of each block. What was taken is given back on close.
 */
final class ReportMemory implements AutoCloseable {

    /** An entry of a hash table, and a string without its text. */
    private static final int ENTRY = 100;

    /** In the heap a letter has two bytes; in JSON it has up to three, and the JSON is there up to three times. */
    private static final int LETTER = 2 + 3 * 3;

    private final AtomicLong left;
    private long taken;

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
                    "there are more names, or more different durations and token counts, than there is memory for; this report had "
                            + (taken - bytes) + " bytes of what the reports of this time share");
        }
    }

    /** For a name and what is kept of it. */
    void take(String name, long bytes) throws ReportTooLargeException {
        take(ENTRY + (long) LETTER * name.length() + bytes);
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
