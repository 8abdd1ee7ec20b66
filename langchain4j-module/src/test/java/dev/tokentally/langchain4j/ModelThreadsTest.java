package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A thread that waits for a model")
class ModelThreadsTest {

    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ChatResponse ANSWER =
            ChatResponse.builder().aiMessage(AiMessage.from("yes")).build();

    private final ModelThreads threads = new ModelThreads();
    private final AtomicInteger late = new AtomicInteger();

    @Test
    @DisplayName("is interrupted when its time is over")
    void interrupted() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);

        assertThatThrownBy(() -> threads.ask(
                        () -> {
                            try {
                                Thread.sleep(LONG.toMillis());
                            } catch (InterruptedException e) {
                                ended.countDown();
                            }
                            return ANSWER;
                        },
                        SHORT,
                        late))
                .isInstanceOf(TimeoutException.class);

        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    @DisplayName("is interrupted when the application stops")
    void stopped() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Throwable> outcome = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                threads.ask(
                        () -> {
                            asked.countDown();
                            try {
                                Thread.sleep(LONG.toMillis());
                                return ANSWER;
                            } catch (InterruptedException e) {
                                throw new IllegalStateException("interrupted");
                            }
                        },
                        LONG,
                        late);
            } catch (Exception e) {
                outcome.set(e.getCause());
            }
        });
        caller.start();
        asked.await();

        threads.stop();
        caller.join(30_000);

        assertThat(outcome.get()).hasMessage("interrupted");
    }

    @Test
    @DisplayName("is refused to a model that ignores the interrupt on 100 threads, until one of them ends")
    void tooMany() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicBoolean asked = new AtomicBoolean();
        for (int i = 0; i < ModelThreads.MAX_LATE; i++) {
            assertThatThrownBy(() -> threads.ask(() -> deaf(end), Duration.ofMillis(1), late))
                    .isInstanceOf(TimeoutException.class);
        }

        assertThatThrownBy(() -> threads.ask(
                        () -> {
                            asked.set(true);
                            return ANSWER;
                        },
                        LONG,
                        late))
                .isInstanceOf(ModelUnreachableException.class);
        assertThat(asked).isFalse();
        assertThat(threads.ask(() -> ANSWER, LONG, new AtomicInteger()))
                .as("another model")
                .isSameAs(ANSWER);

        end.countDown();
        ChatResponse answer = null;
        for (int tries = 0; answer == null && tries < 600; tries++) {
            try {
                answer = threads.ask(() -> ANSWER, LONG, late);
            } catch (ModelUnreachableException notYet) {
                Thread.sleep(50);
            }
        }
        assertThat(answer).isSameAs(ANSWER);
    }

    @Test
    @DisplayName("has the class loader of its caller")
    void classLoader() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        AtomicReference<ClassLoader> seen = new AtomicReference<>();
        ClassLoader callers = new ClassLoader(before) {};
        threads.start(task -> {
            Thread thread = new Thread(task);
            thread.setContextClassLoader(null);
            return thread;
        });
        Thread.currentThread().setContextClassLoader(callers);
        try {
            threads.ask(
                    () -> {
                        seen.set(Thread.currentThread().getContextClassLoader());
                        return ANSWER;
                    },
                    LONG,
                    late);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }

        assertThat(seen.get()).isSameAs(callers);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is not needed for the answer: if none can be made, the caller asks, and the log says so once")
    @EnumSource
    void noThread(Shortage shortage) throws Exception {
        threads.start(shortage.factory);
        AtomicReference<Thread> asking = new AtomicReference<>();
        IllegalStateException refused = new IllegalStateException("refused");
        try (LogLines log = LogLines.of("dev.tokentally.langchain4j")) {
            Supplier<ChatResponse> question = () -> {
                asking.set(Thread.currentThread());
                return ANSWER;
            };
            // JUnit would end all tests if an OutOfMemoryError reached it.
            assertThatCode(() -> assertThat(threads.ask(question, SHORT, late)).isSameAs(ANSWER))
                    .doesNotThrowAnyException();
            assertThatThrownBy(() -> threads.ask(
                            () -> {
                                throw refused;
                            },
                            SHORT,
                            late))
                    .isInstanceOf(ExecutionException.class)
                    .hasCause(refused);

            // Threads that other tests gave up may still log.
            assertThat(log.all())
                    .filteredOn(line ->
                            line.startsWith("No thread can be made to ask a model with the request's timeout: "))
                    .singleElement()
                    .asString()
                    .endsWith(". Such calls now wait for as long as the timeout of the model's client says");
        }
        assertThat(asking.get()).isSameAs(Thread.currentThread());
        assertThat(late).hasValue(0);
    }

    enum Shortage {
        THREAD_LIMIT(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        }),
        /** No machine has the memory for such a stack. */
        THREAD_LIMIT_AT_ITS_START(task -> new Thread(null, task, "never started", 1L << 50)),
        FACTORY_SHUT_DOWN(task -> {
            throw new IllegalStateException("the managed thread factory is shut down");
        }),
        NULL(task -> null);

        private final ThreadFactory factory;

        Shortage(ThreadFactory factory) {
            this.factory = factory;
        }
    }

    @Test
    @DisplayName("leaves the caller interrupted if the answer comes at that moment")
    void interruptedWithTheAnswer() throws Exception {
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>() {
            @Override
            public ChatResponse get(long time, TimeUnit unit) throws InterruptedException {
                complete(ANSWER);
                throw new InterruptedException();
            }
        };

        assertThat(ModelThreads.await(answer, LONG, new Thread(), late)).isSameAs(ANSWER);

        assertThat(Thread.interrupted()).isTrue();
    }

    private static ChatResponse deaf(CountDownLatch end) {
        while (true) {
            try {
                end.await();
                return ANSWER;
            } catch (InterruptedException e) {
                // The model ignores the interrupt.
            }
        }
    }
}
