package dev.tokentally.langchain4j.sampling;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Looks at the stacks of all threads again and again, and remembers which threads were seen within certain code. */
public final class ThreadSampler implements AutoCloseable {

    private final Set<String> all = ConcurrentHashMap.newKeySet();
    private final Set<String> within = ConcurrentHashMap.newKeySet();
    private final Predicate<StackTraceElement> code;
    private final Thread sampler;
    private volatile boolean closed;

    /**
     * Begins to look.
     *
     * @param code whether a frame belongs to that code
     */
    public ThreadSampler(Predicate<StackTraceElement> code) {
        this.code = code;
        this.sampler = new Thread(this::sample, "sampler");
        this.sampler.setDaemon(true);
        this.sampler.start();
    }

    private void sample() {
        while (!closed) {
            Thread.getAllStackTraces().forEach((thread, stack) -> {
                all.add(thread.getName());
                if (Arrays.stream(stack).anyMatch(code)) {
                    within.add(thread.getName());
                }
            });
        }
    }

    /**
     * Returns all threads.
     *
     * @return the names of all threads that were seen
     */
    public Set<String> all() {
        return all;
    }

    /**
     * Returns the threads within the code.
     *
     * @return the names of the threads that were seen within the code
     */
    public Set<String> within() {
        return within;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        sampler.join();
    }
}
