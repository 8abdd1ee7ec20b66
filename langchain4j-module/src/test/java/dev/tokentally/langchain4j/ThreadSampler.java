package dev.tokentally.langchain4j;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Looks again and again at what all threads do, and remembers which were seen within certain code. */
final class ThreadSampler implements AutoCloseable {

    private final Set<String> all = ConcurrentHashMap.newKeySet();
    private final Set<String> within = ConcurrentHashMap.newKeySet();
    private final Predicate<StackTraceElement> code;
    private final Thread sampler;
    private volatile boolean closed;

    ThreadSampler(Predicate<StackTraceElement> code) {
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

    /** The names of all threads that were seen. */
    Set<String> all() {
        return all;
    }

    /** The names of those that were seen within the code. */
    Set<String> within() {
        return within;
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        sampler.join();
    }
}
