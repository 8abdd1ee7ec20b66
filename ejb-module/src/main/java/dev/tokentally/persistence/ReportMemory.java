package dev.tokentally.persistence;

import dev.tokentally.usage.ReportTooLargeException;
import java.util.concurrent.atomic.AtomicLong;

/** The memory of a report, of that which all reports share. What it took is given back when it is closed. */
final class ReportMemory implements AutoCloseable {

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
                    "the calls have more different durations and token counts than there is memory for; this report had "
                            + (taken - bytes) + " bytes of what the reports of this time share");
        }
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
