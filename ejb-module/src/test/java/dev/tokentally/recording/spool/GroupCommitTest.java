package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
@DisplayName("A spool that survives a power cut")
class GroupCommitTest {

    private static final int CALLERS = 8;
    private static final int EACH = 50;
    /** A segment has some fifty records, so that callers also meet a change of segments. */
    private static final int SEGMENT = 8000;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
    private Spool spool;

    @AfterEach
    void close() throws IOException {
        threads.shutdownNow();
        if (spool != null) {
            spool.close();
        }
    }

    @Test
    @DisplayName(
            "does not wait for the disk if the caller asks for no force, and has all records on the disk after a force")
    void unforced() throws IOException {
        WatchedDisk disk = new WatchedDisk(number -> pause());
        spool = open(disk);
        spool.append(call());
        int before = disk.forces();

        spool.appendUnforced(call());
        assertThat(disk.forces()).isEqualTo(before);
        assertThat(disk.hasForcedWhatIWrote()).isFalse();
        spool.force();

        assertThat(disk.hasForcedWhatIWrote()).isTrue();
    }

    @Test
    @DisplayName("forces once for many callers, and returns to each only after its record was forced")
    void together() throws Exception {
        WatchedDisk disk = new WatchedDisk(number -> pause());
        spool = open(disk);
        List<Future<Boolean>> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            callers.add(threads.submit(() -> {
                boolean forced = true;
                for (int n = 0; n < EACH; n++) {
                    spool.append(call());
                    forced &= disk.hasForcedWhatIWrote();
                }
                return forced;
            }));
        }
        for (Future<Boolean> caller : callers) {
            assertThat(caller.get()).as("each append returned after its force").isTrue();
        }

        assertThat(spool.waiting()).isEqualTo(CALLERS * EACH);
        assertThat(disk.forces()).isLessThan(CALLERS * EACH / 2);
        assertThat(Spools.drain(spool, 100)).doesNotHaveDuplicates().hasSize(CALLERS * EACH);
    }

    @Test
    @DisplayName("lets callers that append again at once share the next force with those that waited meanwhile")
    void sharedForce() throws Exception {
        CyclicBarrier bothAreThere = new CyclicBarrier(2);
        AtomicBoolean first = new AtomicBoolean(true);
        WatchedDisk disk = new WatchedDisk(number -> {
            pause(10);
            // The first force is the header's. The second caller must append while the first caller's record is forced.
            if (number > 1 && first.getAndSet(false)) {
                meet(bothAreThere);
                pause(10);
            }
        });
        spool = open(disk);
        Future<?> one = threads.submit(() -> appendEach());
        meet(bothAreThere);
        Future<?> other = threads.submit(() -> appendEach());
        one.get();
        other.get();

        // If the callers took turns, there would be one force for each record.
        assertThat(disk.forces()).isLessThan(2 * EACH * 3 / 4);
    }

    private Void appendEach() throws IOException {
        for (int n = 0; n < EACH; n++) {
            spool.append(call());
        }
        return null;
    }

    private static void meet(CyclicBarrier barrier) throws IOException {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    @Test
    @DisplayName("throws when the disk cannot force, and goes on when the disk can force again")
    void notForced() throws IOException {
        spool = open(new WatchedDisk(number -> {
            // The forces are those of the header, of the first record and of the second.
            if (number == 3) {
                throw new IOException("force");
            }
        }));
        List<CallRecord> taken = Spools.append(spool, 1);

        assertThatThrownBy(() -> spool.append(call())).isInstanceOf(IOException.class);

        taken.addAll(Spools.append(spool, 1));
        assertThat(Spools.drain(spool, 10)).doesNotHaveDuplicates().containsAll(taken);
    }

    @Test
    @DisplayName(
            "fails each append whose force failed, even if the next force succeeds, because that may not cover the same bytes")
    void failedForAll() throws Exception {
        CountDownLatch forcing = new CountDownLatch(1);
        CountDownLatch othersWrote = new CountDownLatch(1);
        spool = open(new WatchedDisk(number -> {
            if (number == 2) {
                forcing.countDown();
                await(othersWrote);
            } else if (number == 3) {
                throw new IOException("force");
            }
        }));
        Future<?> first = append();
        await(forcing);
        List<Future<?>> others = List.of(append(), append());
        while (spool.waiting() < 3) {
            pause();
        }
        othersWrote.countDown();

        first.get();
        for (Future<?> other : others) {
            assertThatThrownBy(other::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(IOException.class);
        }
        append().get();
    }

    @Test
    @DisplayName(
            "throws also for a record that was appended while the disk failed to force, since that may have lost it")
    void appendedWhileAForceFails() throws IOException {
        spool = open(new WatchedDisk(number -> {
            // The first force is the header's.
            if (number == 2) {
                spool.appendUnforced(call());
                throw new IOException("Input/output error");
            }
        }));

        assertThatThrownBy(() -> spool.append(call())).isInstanceOf(SpoolUnforcedException.class);

        assertThatThrownBy(spool::force).isInstanceOf(SpoolUnforcedException.class);
        spool.append(call());
        assertThat(spool.waiting()).isEqualTo(3);
    }

    @Test
    @DisplayName(
            "throws when the disk failed to force a segment although another thread could force and close it meanwhile")
    void closedWhileAForceFails() throws IOException {
        spool = Spool.open(
                new SpoolOptions(directory, 1 << 20, true),
                new WatchedDisk(number -> {
                    // The first force is the header's.
                    if (number == 2) {
                        spool.appendUnforced(call());
                        throw new IOException("Input/output error");
                    }
                }),
                200);

        assertThatThrownBy(() -> spool.append(call())).isInstanceOf(SpoolUnforcedException.class);

        assertThat(Spools.files(spool.directory(), ".spool")).hasSize(2);
        spool.append(call());
    }

    @Test
    @DisplayName(
            "throws even if another thread was told first that the disk failed, and this thread's own force went well")
    void failureOfAnotherForce() throws Exception {
        CountDownLatch aboutToForce = new CountDownLatch(1);
        CountDownLatch otherHasFailed = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread filling = Thread.currentThread();
        spool = Spool.open(
                new SpoolOptions(directory, 1 << 20, true),
                path -> new FailsOnce(SegmentFile.onDisk(path), filling, aboutToForce, otherHasFailed, ended),
                200);
        spool.appendUnforced(call());
        Future<Object> force = threads.submit(() -> {
            spool.force();
            return null;
        });
        aboutToForce.await();
        Future<Object> end = threads.submit(() -> {
            try {
                return force.get();
            } finally {
                ended.countDown();
            }
        });

        assertThatThrownBy(() -> spool.appendUnforced(call())).isInstanceOf(IOException.class);

        assertThatThrownBy(end::get).hasRootCauseInstanceOf(SpoolUnforcedException.class);
    }

    /** Linux tells of a failed write only once for each open file. Here it tells the thread that fills the segment. */
    private static final class FailsOnce implements SegmentFile {

        private final SegmentFile file;
        private final Thread filling;
        private final CountDownLatch aboutToForce;
        private final CountDownLatch hasFailed;
        private final CountDownLatch ended;

        FailsOnce(
                SegmentFile file,
                Thread filling,
                CountDownLatch aboutToForce,
                CountDownLatch hasFailed,
                CountDownLatch ended) {
            this.file = file;
            this.filling = filling;
            this.aboutToForce = aboutToForce;
            this.hasFailed = hasFailed;
            this.ended = ended;
        }

        @Override
        public void append(byte[] bytes) throws IOException {
            file.append(bytes);
        }

        @Override
        public void truncate(long length) throws IOException {
            file.truncate(length);
        }

        @Override
        public void force() throws IOException {
            if (Thread.currentThread() != filling) {
                aboutToForce.countDown();
                awaitQuietly(hasFailed);
            }
            synchronized (this) {
                if (Thread.currentThread() == filling && aboutToForce.getCount() == 0 && hasFailed.getCount() > 0) {
                    hasFailed.countDown();
                    throw new IOException("Input/output error");
                }
                file.force();
            }
        }

        /** It takes so long that the other thread's force ends before. */
        @Override
        public void close() throws IOException {
            if (hasFailed.getCount() == 0) {
                awaitQuietly(ended);
            }
            file.close();
        }

        private static void awaitQuietly(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    @DisplayName("knows a file that was closed from a disk that fails")
    void closed() throws IOException {
        SegmentFile file = SegmentFile.onDisk(directory.resolve("file"));
        file.force();
        file.close();

        assertThatThrownBy(file::force).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    @DisplayName("fails the append when a full segment cannot be forced, and goes on in the next segment")
    void lastForceOfASegment() throws IOException {
        boolean[] well = {true};
        spool = Spool.open(
                new SpoolOptions(directory, 1 << 20, true),
                new WatchedDisk(number -> {
                    if (!well[0]) {
                        throw new IOException("force");
                    }
                }),
                200);
        List<CallRecord> taken = Spools.append(spool, 1);
        well[0] = false;

        assertThatThrownBy(() -> spool.append(call())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> spool.append(call())).isInstanceOf(IOException.class);

        well[0] = true;
        taken.addAll(Spools.append(spool, 2));
        assertThat(Spools.drain(spool, 10)).isEqualTo(taken);
    }

    @ParameterizedTest(name = "question {0}")
    @DisplayName("can force again after an Error, such as one because memory was short for a moment")
    @ValueSource(ints = {1, 2, 3, 4})
    void shortOfMemory(int question) throws Exception {
        AtomicInteger questions = new AtomicInteger();
        GroupCommit commit = new GroupCommit(new GroupCommit.Log() {
            @Override
            public long appendedRecords() {
                if (questions.incrementAndGet() == question) {
                    throw new OutOfMemoryError("Java heap space");
                }
                return 1;
            }

            @Override
            public long forceAll() {
                return 10;
            }
        });
        assertThatThrownBy(() -> commit.force(1)).isInstanceOf(OutOfMemoryError.class);

        Future<?> next = threads.submit(() -> {
            commit.force(2);
            return null;
        });

        next.get(30, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("can force again after a force threw an Error")
    void errorOfTheDisk() throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        GroupCommit commit = new GroupCommit(new GroupCommit.Log() {
            @Override
            public long appendedRecords() {
                return 1;
            }

            @Override
            public long forceAll() {
                if (first.getAndSet(false)) {
                    throw new StackOverflowError();
                }
                return 10;
            }
        });
        assertThatThrownBy(() -> commit.force(1)).isInstanceOf(StackOverflowError.class);

        commit.force(1);
    }

    private Spool open(SegmentFile.Opener disk) throws IOException {
        return Spool.open(new SpoolOptions(directory, 1 << 20, true), disk, SEGMENT);
    }

    private Future<?> append() {
        return threads.submit(() -> {
            spool.append(call());
            return null;
        });
    }

    private static CallRecord call() {
        return Calls.ok("acme", Instant.EPOCH);
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IOException("nobody came");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void pause() throws IOException {
        pause(2);
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
