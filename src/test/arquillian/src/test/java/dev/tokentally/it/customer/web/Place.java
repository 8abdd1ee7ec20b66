package dev.tokentally.it.customer.web;

import dev.tokentally.it.customer.ejb.AsynchronousWork;
import dev.tokentally.it.customer.ejb.TimedWork;
import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.concurrent.ManagedExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** The places in which an application's code may run. */
@ApplicationScoped
public class Place {

    @EJB
    AsynchronousWork asynchronous;

    @EJB
    TimedWork timed;

    @Resource
    ManagedExecutorService managed;

    /** Runs the work alone in a place. */
    public Future<String> run(String place, Callable<String> work) throws Exception {
        return switch (place) {
            case "request" -> CompletableFuture.completedFuture(work.call());
            case "asynchronous" -> asynchronous.run(work);
            case "timer" -> timed.run(work);
            case "managed" -> managed.submit(work);
            case "thread" -> {
                FutureTask<String> task = new FutureTask<>(work);
                new Thread(task, "customer").start();
                yield task;
            }
            default -> throw new IllegalArgumentException(place);
        };
    }
}
