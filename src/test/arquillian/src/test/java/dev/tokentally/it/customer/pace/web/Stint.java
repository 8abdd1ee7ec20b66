package dev.tokentally.it.customer.pace.web;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * The calls of one thread.
 *
 * @param added the nanoseconds of each call that were not the model's
 * @param cpu the thread's CPU time for all calls, in nanoseconds
 */
record Stint(long[] added, long cpu) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /**
     * Makes calls, one after the other.
     *
     * @param raw writes a row after each call; null for no rows
     * @param until no further call begins after this time
     */
    static Stint of(LlmPort model, RawInsert raw, int calls, long wait, long until) throws SQLException {
        LlmRequest<Long> request = LlmRequest.of("", Long.toString(wait), null, Long.class);
        long[] added = new long[calls];
        int made = 0;
        long cpu = THREADS.getCurrentThreadCpuTime();
        while (made < calls && System.nanoTime() - until < 0) {
            long start = System.nanoTime();
            long took = model.complete(request).content();
            if (raw != null) {
                raw.insert();
            }
            added[made++] = System.nanoTime() - start - took;
        }
        return new Stint(Arrays.copyOf(added, made), THREADS.getCurrentThreadCpuTime() - cpu);
    }
}
