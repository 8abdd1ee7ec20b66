package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokentally.scope.CallScope;
import dev.tokentally.text.QuietLog;
import dev.tokentally.tracking.UnscopedCall;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Threads that wait for models, so that a caller can stop waiting. A model has only one timeout for all its calls, or none. Each
 * call has its own thread. A pool could be filled by calls for which nobody waits any more. Safe for use by many threads.
 */
@ApplicationScoped
class ModelThreads {

    private static final Logger LOG = QuietLog.of(ModelThreads.class);

    /** A model that keeps this many threads ignores interrupts, and more threads would help nobody. */
    static final int MAX_LATE = 100;

    private final CallScope scopes;
    private final Set<Thread> running = ConcurrentHashMap.newKeySet();

    /** Whether the log was told that no thread can be made. */
    private final AtomicBoolean missing = new AtomicBoolean();

    private volatile ThreadFactory factory = ModelThreads::daemon;

    /** For the proxy that CDI makes of a normal-scoped bean, and for a port that is no bean. */
    ModelThreads() {
        this(null);
    }

    @Inject
    ModelThreads(CallScope scopes) {
        this.scopes = scopes;
    }

    /**
     * Asks on another thread, in the same call scope. If no thread can be made, it asks on the calling thread and waits for as long
     * as the model's client does. When the time is over, or the calling thread is interrupted, the other one is
     * interrupted; a model that reacts to this ends its request. Any other model keeps its thread until it answers.
     *
     * @param question asks the model
     * @param atMost how long to wait
     * @param late how many threads wait for the same model although nobody waits for them; counted here
     * @return the answer
     * @throws TimeoutException when the model does not answer in time
     * @throws InterruptedException when the calling thread is interrupted
     * @throws ExecutionException when the question throws; its cause is the exception
     * @throws ModelUnreachableException when too many threads still wait for earlier answers
     */
    ChatResponse ask(Supplier<ChatResponse> question, Duration atMost, AtomicInteger late)
            throws TimeoutException, InterruptedException, ExecutionException {
        if (late.get() >= MAX_LATE) {
            throw new ModelUnreachableException(
                    MAX_LATE + " earlier calls have not ended although their timeouts are over; the model is not asked",
                    null);
        }
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        Supplier<ChatResponse> inScope = inScope(question);
        ClassLoader callers = Thread.currentThread().getContextClassLoader();
        Thread thread = begun(() -> run(inScope, answer, callers, late));
        return thread == null ? answerHere(question) : await(answer, atMost, thread, late);
    }

    /** Null if no thread can be made. A factory that cannot make one may throw anything, also an Error, or return null. */
    private Thread begun(Runnable asking) {
        try {
            Thread thread = factory.newThread(asking);
            thread.start();
            return thread;
        } catch (RuntimeException | Error noThread) {
            if (!missing.getAndSet(true)) {
                LOG.log(
                        Level.WARNING,
                        "No thread can be made to ask a model with the request's timeout: "
                                + noThread.getClass().getName()
                                + ". Such calls now wait for as long as the timeout of the model's client says");
            }
            return null;
        }
    }

    private static ChatResponse answerHere(Supplier<ChatResponse> question) throws ExecutionException {
        try {
            return question.get();
        } catch (RuntimeException | Error thrown) {
            throw new ExecutionException(thrown);
        }
    }

    static ChatResponse await(
            CompletableFuture<ChatResponse> answer, Duration atMost, Thread thread, AtomicInteger late)
            throws TimeoutException, InterruptedException, ExecutionException {
        try {
            return answer.get(TimeUnit.NANOSECONDS.convert(atMost), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | InterruptedException over) {
            if (answer.cancel(true)) {
                late.incrementAndGet();
                thread.interrupt();
                throw over;
            }
            if (over instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return answer.get();
        }
    }

    /** Runs with the caller's class loader, by which LangChain4j finds its services, since the model may be in the caller's WAR. */
    private void run(
            Supplier<ChatResponse> question,
            CompletableFuture<ChatResponse> answer,
            ClassLoader callers,
            AtomicInteger late) {
        Thread.currentThread().setContextClassLoader(callers);
        running.add(Thread.currentThread());
        try {
            ChatResponse response = question.get();
            if (!answer.complete(response)) {
                tellOfLateAnswer(response);
            }
        } catch (Throwable thrown) {
            answer.completeExceptionally(thrown);
        } finally {
            running.remove(Thread.currentThread());
            if (answer.isCancelled()) {
                late.decrementAndGet();
            }
        }
    }

    private static void tellOfLateAnswer(ChatResponse response) {
        boolean told = response != null && response.tokenUsage() != null;
        LOG.log(
                Level.WARNING,
                "A model answered after the request's timeout, when nobody waited any more; its row does not have the "
                        + (told ? response.tokenUsage().totalTokenCount() + " tokens" : "tokens")
                        + " that the provider charges for");
    }

    private Supplier<ChatResponse> inScope(Supplier<ChatResponse> question) {
        CallScope.Snapshot scope = Guarded.said(
                "the scope on the thread that asks",
                () -> scopes == null || scopes.current().isEmpty() ? null : scopes.capture());
        return scope == null ? UnscopedCall.takenAlong(question) : scope.wrapSupplier(question);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "asks a model");
        thread.setDaemon(true);
        return thread;
    }

    /** From now on, the server makes the threads. */
    void start(ThreadFactory managed) {
        factory = managed;
    }

    /** When the application stops, nobody waits for an answer. */
    void stop() {
        running.forEach(Thread::interrupt);
    }
}
