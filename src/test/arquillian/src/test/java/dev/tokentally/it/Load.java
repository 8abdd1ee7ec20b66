package dev.tokentally.it;

import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Clients that make one call after the other, each with a call id of its own, and remember the calls that were answered. */
final class Load {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> clients = new ArrayList<>();
    private volatile boolean stopped;

    /** Starts the given number of clients. Each makes the given number of calls, with a pause between them. */
    static Load start(int clients, int calls, long pauseMillis, Function<UUID, HttpRequest.Builder> call) {
        Load load = new Load();
        for (int i = 0; i < clients; i++) {
            Thread client = new Thread(() -> load.run(calls, pauseMillis, call), "client " + i);
            load.clients.add(client);
            client.start();
        }
        return load;
    }

    private void run(int calls, long pauseMillis, Function<UUID, HttpRequest.Builder> call) {
        for (int i = 0; i < calls && !stopped; i++) {
            UUID id = UUID.randomUUID();
            long start = System.nanoTime();
            try {
                HttpResponse<String> response = Http.send(call.apply(id));
                // On Payara a request that meets a redeployment may get a 200 without a body, from no application at
                // all.
                if (response.statusCode() == 200
                        && !response.body().isEmpty()
                        && !response.body().startsWith("threw")) {
                    answers.add(new Answer(id, start, System.nanoTime() - start));
                } else {
                    // The server's whole error page is not kept, as there may be thousands.
                    failures.add(response + " "
                            + response.body()
                                    .substring(0, Math.min(200, response.body().length())));
                }
                Thread.sleep(pauseMillis);
            } catch (UncheckedIOException noServer) {
                failures.add(noServer.toString());
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the given number of calls was answered. If that takes too long, it stops the clients and fails. */
    void awaitAnswers(int count) throws InterruptedException {
        awaitAnswers(count, PATIENCE);
    }

    void awaitAnswers(int count, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (answers.size() < count && clients.stream().anyMatch(Thread::isAlive)) {
            if (System.nanoTime() > deadline) {
                stopped = true;
                throw new AssertionError(answers.size() + " of " + count + " calls were answered, " + failures.size()
                        + " failed; the last ones: "
                        + failures.stream()
                                .skip(Math.max(0, failures.size() - 5))
                                .toList());
            }
            Thread.sleep(5);
        }
    }

    Collection<Answer> stop() throws InterruptedException {
        stopped = true;
        return join();
    }

    /** Waits until all clients have ended. */
    Collection<Answer> join() throws InterruptedException {
        for (Thread client : clients) {
            client.join();
        }
        return answers;
    }

    Collection<String> failures() {
        return failures;
    }

    /**
     * A call that was answered.
     *
     * @param id its call id
     * @param at when it began, by the monotonic clock
     * @param nanos how long it took
     */
    record Answer(UUID id, long at, long nanos) {}
}
