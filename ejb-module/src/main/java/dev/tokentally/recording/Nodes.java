package dev.tokentally.recording;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How recording is going in every application on every node, as these tell the store. It reads on its own threads and not on those
 * of the reports. So the answer comes in time, even if reports or a store that hangs hold the others. Safe for use by many threads.
 */
@ApplicationScoped
public class Nodes {

    private static final Logger LOG = QuietLog.of(Nodes.class);

    /** How long a caller waits for the store, so that the answer comes within two seconds. */
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    /** A reading that takes this long may hang on a dead connection. The next caller begins another one. */
    private static final long HANGS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** There are few, since each of them holds a connection that recording may need. */
    private static final int READERS = 2;

    private static final int IDLE_SECONDS = 30;

    private static final Comparator<SeenNode> BY_NAME = Comparator.comparing(
                    (SeenNode node) -> node.state().application())
            .thenComparing(node -> node.state().node())
            .thenComparing(node -> node.state().id());

    private final UsageRecorder recorder;
    private final RecordingNodes nodes;
    private final Heartbeat heartbeat;

    private volatile ThreadPoolExecutor readers;
    private FutureTask<Seen> reading;
    private long readingSince;
    private volatile boolean failed;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Nodes() {
        this(null, null, null);
    }

    @Inject
    Nodes(UsageRecorder recorder, RecordingNodes nodes, Heartbeat heartbeat) {
        this.recorder = recorder;
        this.nodes = nodes;
        this.heartbeat = heartbeat;
    }

    void start(ThreadFactory threads) {
        // One task may wait for a thread that has just given its answer and will soon be free.
        ThreadPoolExecutor made = new ThreadPoolExecutor(
                READERS, READERS, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), threads);
        made.allowCoreThreadTimeOut(true);
        readers = made;
    }

    /** A running reading may run to its end, since H2 closes its file when a thread that reads is interrupted. */
    void stop() {
        ThreadPoolExecutor running = readers;
        readers = null;
        if (running != null) {
            running.shutdown();
        }
    }

    /**
     * How recording is going here and on other nodes. Waits for the store only for a moment.
     *
     * @return the state; while the store is out of reach, what this node knows of itself
     */
    public RecordingOverview overview() {
        RecordingStatus status = recorder.status();
        boolean reached = true;
        Seen seen = new Seen(List.of(), null, null, null);
        try {
            seen = read(status.storeDownSince() != null);
            failed = false;
        } catch (StoreUnavailableException outage) {
            reached = false;
        } catch (UsageStoreException | RuntimeException e) {
            tell(e);
        }
        return new RecordingOverview(
                status,
                reached && status.storeDownSince() == null,
                seen.partitions(),
                seen.retention(),
                seen.rollups(),
                withThisOne(seen.nodes(), status));
    }

    /** This node answers, so it is alive, and its figures are current. */
    private List<SeenNode> withThisOne(List<SeenNode> seen, RecordingStatus status) {
        NodeState here = heartbeat.state(status, false);
        UUID id = here.id();
        Instant heard = heartbeat.seenAt();
        List<SeenNode> all = new ArrayList<>();
        for (SeenNode node : seen) {
            if (!node.state().id().equals(id)) {
                all.add(node);
            } else if (heard == null || node.lastSeen().isAfter(heard)) {
                heard = node.lastSeen();
            }
        }
        all.add(new SeenNode(here, heard, false));
        all.sort(BY_NAME);
        return List.copyOf(all);
    }

    private Seen read(boolean isOutage) throws UsageStoreException {
        try {
            return current(isOutage).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StoreUnavailableException("the store gave no answer within " + PATIENCE.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UsageStoreException known) {
                throw known;
            }
            if (e.getCause() instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw new UsageStoreException("the nodes could not be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("the thread that waited for the nodes was interrupted", e);
        }
    }

    /** Callers that ask at the same time share one reading. In an outage another reading would only hang as well. */
    private synchronized FutureTask<Seen> current(boolean isOutage) throws StoreUnavailableException {
        long now = System.nanoTime();
        boolean isRunning = reading != null && !reading.isDone();
        if (isRunning && (isOutage || now - readingSince < HANGS_NANOS)) {
            return reading;
        }
        FutureTask<Seen> begun =
                new FutureTask<>(() -> new Seen(nodes.all(), nodes.partitions(), nodes.retention(), nodes.rollups()));
        ThreadPoolExecutor running = readers;
        try {
            if (running == null) {
                throw new StoreUnavailableException("recording is not started, or is stopped", null);
            }
            running.execute(begun);
        } catch (RejectedExecutionException allHang) {
            throw new StoreUnavailableException("all threads that read the nodes wait for the store", allHang);
        } catch (RuntimeException | Error noThread) {
            throw new StoreUnavailableException("no thread can be made to read the nodes", noThread);
        }
        reading = begun;
        readingSince = now;
        return begun;
    }

    private void tell(Exception failure) {
        if (!failed) {
            failed = true;
            LOG.log(
                    Level.WARNING,
                    "The state of recording on other nodes cannot be read: " + LogText.of(failure)
                            + Heartbeat.SCRIPTS_MISSING,
                    LogText.unexpected(failure));
        }
    }

    /** What was read from the store. Everything except {@code nodes} is null if it was not read. */
    private record Seen(List<SeenNode> nodes, Partitions partitions, Retention retention, Rollups rollups) {}
}
