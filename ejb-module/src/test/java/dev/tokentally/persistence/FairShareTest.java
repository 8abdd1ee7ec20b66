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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The reader threads of the store")
class FairShareTest {

    private final ExecutorService threads = Executors.newFixedThreadPool(4);
    private final FairShare share = new FairShare(threads, 4, 8);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void endAll() {
        end.countDown();
        threads.shutdown();
    }

    @Test
    @DisplayName("answer others while one asker has four long reports, and further askers while two askers have them")
    void others() throws Exception {
        List<Long> greedy = List.of(begin("greedy"), begin("greedy"), begin("greedy"), begin("greedy"));
        assertThat(greedy).containsExactly(0L, 0L, 1L, 1L);
        assertThat(begin("other")).isZero();

        FutureTask<String> third = new FutureTask<>(() -> "answered");
        share.execute("third", third);

        assertThat(third.get(20, TimeUnit.SECONDS)).isEqualTo("answered");
    }

    @Test
    @DisplayName("count all who ask for all tenants as one asker")
    void allTenants() throws Exception {
        assertThat(List.of(begin(null), begin(null), begin(null))).containsExactly(0L, 0L, 1L);
        assertThat(begin("acme")).isZero();
    }

    @Test
    @DisplayName("run every waiting report when there is room for it")
    void waiting() throws Exception {
        List<FutureTask<Integer>> all = new ArrayList<>();
        begin("greedy");
        begin("greedy");
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
        begin("greedy");
        begin("greedy");
        List<FutureTask<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> 1);
            share.execute("greedy", task);
            waiting.add(task);
        }
        FutureTask<Integer> more = new FutureTask<>(() -> 1);
        assertThatThrownBy(() -> share.execute("greedy", more)).isInstanceOf(RejectedExecutionException.class);
        assertThat(begin("other")).isZero();

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

    /** Begins a long report. Returns 0 if it has begun, and 1 if it waits. */
    private long begin(String asker) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        share.execute(asker, new FutureTask<>(() -> {
            begun.countDown();
            return end.await(60, TimeUnit.SECONDS);
        }));
        return begun.await(700, TimeUnit.MILLISECONDS) ? 0 : 1;
    }
}
