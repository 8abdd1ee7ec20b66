package dev.tokentally.it.customer.ejb;

import jakarta.annotation.Resource;
import jakarta.ejb.ConcurrencyManagement;
import jakarta.ejb.ConcurrencyManagementType;
import jakarta.ejb.Singleton;
import jakarta.ejb.Timeout;
import jakarta.ejb.Timer;
import jakarta.ejb.TimerConfig;
import jakarta.ejb.TimerService;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Runs work when a timer expires. The thread then has a new request. */
@Singleton
@ConcurrencyManagement(ConcurrencyManagementType.BEAN)
public class TimedWork {

    private final Map<UUID, Task> tasks = new ConcurrentHashMap<>();

    @Resource
    TimerService timers;

    /** Starts a timer that runs the work at once. */
    public CompletableFuture<String> run(Callable<String> work) {
        UUID id = UUID.randomUUID();
        Task task = new Task(work, new CompletableFuture<>());
        tasks.put(id, task);
        timers.createSingleActionTimer(1, new TimerConfig(id, false));
        return task.done();
    }

    /** The container calls it. */
    @Timeout
    public void expired(Timer timer) {
        Task task = tasks.remove((UUID) timer.getInfo());
        try {
            task.done().complete(task.work().call());
        } catch (Exception e) {
            task.done().completeExceptionally(e);
        }
    }

    private record Task(Callable<String> work, CompletableFuture<String> done) {}
}
