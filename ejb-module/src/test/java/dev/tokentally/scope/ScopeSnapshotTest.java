package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.concurrent.ManagedExecutors;
import jakarta.enterprise.concurrent.ManagedTask;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A snapshot")
class ScopeSnapshotTest {

    private final Scope captured = new Scope("acme", "chat", UUID.randomUUID());
    private final ScopePerThread scopes = new ScopePerThread();
    private final CallScope.Snapshot snapshot = new ScopeSnapshot(scopes, captured);
    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final ExecutorService scoped = snapshot.wrap(pool);
    private final Callable<Scope> question = scopes::here;

    @AfterEach
    void shutDown() {
        pool.shutdownNow();
    }

    @Test
    @DisplayName("runs each kind of task in its scope, and leaves no scope behind")
    void tasks() throws Exception {
        CompletableFuture<Scope> seen = new CompletableFuture<>();
        snapshot.wrap(() -> {
                    seen.complete(scopes.here());
                })
                .run();

        assertThat(seen.get()).isEqualTo(captured);
        assertThat(snapshot.wrap(question).call()).isEqualTo(captured);
        assertThat(snapshot.wrapSupplier(scopes::here).get()).isEqualTo(captured);
        assertThat(scopes.here()).isNull();
    }

    @Test
    @DisplayName("passes a task's exception on, and leaves no scope behind")
    void throwing() {
        IllegalStateException thrown = new IllegalStateException();

        assertThatThrownBy(() -> snapshot.wrap((Callable<Void>) () -> {
                            throw thrown;
                        })
                        .call())
                .isSameAs(thrown);
        assertThat(scopes.here()).isNull();
    }

    @Test
    @DisplayName("refuses a null task, supplier or executor, and names it")
    void nulls() {
        assertThatThrownBy(() -> snapshot.wrap((Runnable) null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("task");
        assertThatThrownBy(() -> snapshot.wrap((Callable<?>) null)).hasMessage("task");
        assertThatThrownBy(() -> snapshot.wrapSupplier(null)).hasMessage("supplier");
        assertThatThrownBy(() -> snapshot.wrap((ExecutorService) null)).hasMessage("executor");
    }

    @Test
    @DisplayName("wraps an executor, whichever of its methods takes the task")
    void executor() throws Exception {
        List<Callable<Scope>> questions = List.of(question, question);
        CompletableFuture<Scope> executed = new CompletableFuture<>();
        CompletableFuture<Scope> submitted = new CompletableFuture<>();
        CompletableFuture<Scope> submittedWithResult = new CompletableFuture<>();

        scoped.execute(() -> executed.complete(scopes.here()));
        scoped.submit((Runnable) () -> submitted.complete(scopes.here())).get();
        assertThat(scoped.submit(() -> submittedWithResult.complete(scopes.here()), "result")
                        .get())
                .isEqualTo("result");

        assertThat(List.of(executed.get(), submitted.get(), submittedWithResult.get()))
                .containsOnly(captured);
        assertThat(scoped.submit(question).get()).isEqualTo(captured);
        assertThat(scoped.invokeAll(questions))
                .hasSize(2)
                .extracting(Future::get)
                .containsOnly(captured);
        assertThat(scoped.invokeAll(questions, 1, TimeUnit.MINUTES))
                .extracting(Future::get)
                .containsOnly(captured);
        assertThat(scoped.invokeAny(questions)).isEqualTo(captured);
        assertThat(scoped.invokeAny(questions, 1, TimeUnit.MINUTES)).isEqualTo(captured);
        assertThat(pool.submit(question).get()).isNull();
    }

    @Test
    @DisplayName("leaves the executor's life cycle to the executor")
    void lifeCycle() throws InterruptedException {
        assertThat(scoped.isShutdown()).isFalse();

        scoped.shutdown();

        assertThat(pool.isShutdown()).isTrue();
        assertThat(scoped.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(scoped.isTerminated()).isTrue();
        assertThat(scoped.shutdownNow()).isEmpty();
    }

    @Test
    @DisplayName("lets the executor close itself in its own way")
    void close() throws Exception {
        Closing closing = new Closing();

        close(snapshot.wrap(closing));

        assertThat(closing.closed).isEqualTo(1);
        assertThat(closing.isShutdown()).isFalse();
    }

    @Test
    @DisplayName("returns at once when the common pool is closed, which never ends")
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void closeCommonPool() throws Exception {
        close(snapshot.wrap((ExecutorService) ForkJoinPool.commonPool()));

        assertThat(ForkJoinPool.commonPool().submit(question).get()).isNull();
    }

    @Test
    @DisplayName("hands on every method that executors have in this version of Java")
    void everyMethod() {
        assertThat(ExecutorService.class.getMethods())
                .filteredOn(method -> !Modifier.isStatic(method.getModifiers()))
                .allSatisfy(method -> assertThat(
                                ScopedExecutor.class.getMethod(method.getName(), method.getParameterTypes()))
                        .returns(ScopedExecutor.class, Method::getDeclaringClass));
    }

    private static void close(ExecutorService executor) throws Exception {
        ((AutoCloseable) executor).close();
    }

    /** An executor that closes in its own way, as executors may since Java 19. */
    private static final class Closing extends ThreadPoolExecutor implements AutoCloseable {

        int closed;

        Closing() {
            super(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @Test
    @DisplayName("keeps the properties of a managed task")
    void managedTask() {
        Map<String, String> properties = Map.of(ManagedTask.IDENTITY_NAME, "nightly");

        assertThat(snapshot.wrap(ManagedExecutors.managedTask(() -> {}, properties, null)))
                .isInstanceOfSatisfying(ManagedTask.class, task -> assertThat(task.getExecutionProperties())
                        .containsAllEntriesOf(properties));
        assertThat(snapshot.wrap(ManagedExecutors.managedTask(question, properties, null)))
                .isInstanceOfSatisfying(ManagedTask.class, task -> assertThat(task.getExecutionProperties())
                        .containsAllEntriesOf(properties));
    }

    /** The scope of a thread, without a container. */
}
