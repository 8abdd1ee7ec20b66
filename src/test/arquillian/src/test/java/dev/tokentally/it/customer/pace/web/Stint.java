package dev.tokentally.it.customer.pace.web;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * Calls that one thread made.
 *
 * @param added nanoseconds of each that were not the model's own
 * @param cpu nanoseconds that the thread had a processor, in all
 */
record Stint(long[] added, long cpu) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /**
     * Makes calls, one after the other.
     *
     * @param raw writes a row after each; null for none
     * @param until when no further one is begun
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
