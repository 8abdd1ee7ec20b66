package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The reader threads of the store")
class FairShareTest {

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final AtomicInteger begun = new AtomicInteger();
    private final FairShare share = new FairShare(
            task -> {
                begun.incrementAndGet();
                threads.execute(task);
            },
            4,
            8);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void endAll() {
        end.countDown();
        threads.shutdown();
    }

    @Test
    @DisplayName("answer others while one asker has four long reports, and further askers while two askers have them")
    void others() throws Exception {
        List<Boolean> greedy = List.of(begins("greedy"), begins("greedy"), begins("greedy"), begins("greedy"));
        assertThat(greedy).containsExactly(true, true, false, false);
        assertThat(begins("other")).isTrue();

        FutureTask<String> third = new FutureTask<>(() -> "answered");
        share.execute("third", third);

        assertThat(third.get(20, TimeUnit.SECONDS)).isEqualTo("answered");
    }

    @Test
    @DisplayName("count all who ask for all tenants as one asker")
    void allTenants() throws Exception {
        assertThat(List.of(begins(null), begins(null), begins(null))).containsExactly(true, true, false);
        assertThat(begins("acme")).isTrue();
    }

    @Test
    @DisplayName("run every waiting report when there is room for it")
    void waiting() throws Exception {
        List<FutureTask<Integer>> all = new ArrayList<>();
        begins("greedy");
        begins("greedy");
        for (int i = 0; i < 4; i++) {
            int number = i;
            FutureTask<Integer> task = new FutureTask<>(() -> number);
            all.add(task);
            share.execute("greedy", task);
        }
        assertThat(all).noneMatch(FutureTask::isDone);
        end.countDown();

        for (int i = 0; i < all.size(); i++) {
            assertThat(all.get(i).get(20, TimeUnit.SECONDS)).isEqualTo(i);
        }
    }

    @Test
    @DisplayName("give an asker half of the waiting places, and take back the place of an asker who gave up")
    void places() throws Exception {
        begins("greedy");
        begins("greedy");
        List<FutureTask<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> 1);
            share.execute("greedy", task);
            waiting.add(task);
        }
        FutureTask<Integer> more = new FutureTask<>(() -> 1);
        assertThatThrownBy(() -> share.execute("greedy", more)).isInstanceOf(RejectedExecutionException.class);
        assertThat(begins("other")).isTrue();

        share.forget(waiting.get(0));
        share.execute("greedy", more);
        end.countDown();

        assertThat(more.get(20, TimeUnit.SECONDS)).isOne();
        assertThat(waiting.get(0).isDone()).isFalse();
    }

    @Test
    @DisplayName("keep no place for a report that gets no thread")
    void noThread() throws Exception {
        FairShare none = new FairShare(
                work -> {
                    throw new RejectedExecutionException("stopped");
                },
                1,
                1);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> none.execute("acme", new FutureTask<>(() -> 1)))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("stopped");
        }
    }

    /** Asks for a long report. Returns whether it begins; otherwise it waits. */
    private boolean begins(String asker) {
        int before = begun.get();
        share.execute(asker, new FutureTask<>(() -> end.await(60, TimeUnit.SECONDS)));
        return begun.get() > before;
    }
}
