package dev.tokentally.recording;

import dev.tokentally.config.DeployedApplication;
import dev.tokentally.config.Settings;
import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.SingleThread;
import dev.tokentally.time.Ticker;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Every few seconds, writes to the store how recording is going here and which records are set aside, and reads whether somebody
 * wants these tried again. It has its own thread, so that a store that hangs holds up nothing else. Safe for use by many threads.
 */
@ApplicationScoped
class Heartbeat {

    private static final Logger LOG = QuietLog.of(Heartbeat.class);

    static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * How long it leaves a failed store alone. A pool may log a stack trace for each connection that it cannot make, and the
     * drainer asks for some already.
     */
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** If something has changed, the store is told sooner. */
    private static final long LOOK_MILLIS = 1000;

    private static final long ERASURES_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The end of a log line: what to do if the tables of nodes are missing. */
    static final String SCRIPTS_MISSING =
            ". If a DBA maintains the tables, let the DBA run the scripts V5 and V7 of the module's jar";

    private static final long FORGET_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final Duration STOP = Duration.ofSeconds(2);

    private static final SingleThread.Purpose PURPOSE = new SingleThread.Purpose(
            "tokentally-heartbeat", "tell other nodes how recording goes here", "Recording goes on");

    /** How many changes one transaction writes. */
    private static final int CHANGES = 100;

    private final DeployedApplication application;
    private final Settings settings;
    private final RecordingNodes nodes;
    private final SpooledRecorder recorder;
    private final Erasures erasures;
    private final Clock clock;
    private final Ticker ticker;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private volatile Identity here;
    private volatile Instant seenAt;
    private volatile boolean retriesWanted;
    private volatile SingleThread thread;
    private volatile OtherApplications others;
    private boolean shown;
    private boolean failed;
    private boolean paused;
    private boolean pausedInOutage;
    private long pausedAt;
    private Instant heardAt;
    /** The number of the last request for retries that was carried out; negative if that is not known. */
    private long retriesDone = -1;
    /** The request that is being carried out; null for none. */
    private Retries retries;

    private long beatAt;
    private long erasuresAt;
    private boolean hasBeaten;
    private long forgotAt;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Heartbeat() {
        this(null, null, null, null, null, null, () -> 0);
    }

    /** For tests without erasures. */
    Heartbeat(
            DeployedApplication application,
            Settings settings,
            RecordingNodes nodes,
            SpooledRecorder recorder,
            Clock clock,
            Ticker ticker) {
        this(application, settings, nodes, recorder, null, clock, ticker);
    }

    @Inject
    Heartbeat(
            DeployedApplication application,
            Settings settings,
            RecordingNodes nodes,
            SpooledRecorder recorder,
            Erasures erasures) {
        this(application, settings, nodes, recorder, erasures, Clock.systemUTC(), Ticker.SYSTEM);
    }

    private Heartbeat(
            DeployedApplication application,
            Settings settings,
            RecordingNodes nodes,
            SpooledRecorder recorder,
            Erasures erasures,
            Clock clock,
            Ticker ticker) {
        this.application = application;
        this.settings = settings;
        this.nodes = nodes;
        this.recorder = recorder;
        this.erasures = erasures;
        this.clock = clock;
        this.ticker = ticker;
        long now = ticker.nanoTime();
        beatAt = now - BEAT_NANOS;
        erasuresAt = now - ERASURES_NANOS;
        forgotAt = now - FORGET_NANOS;
    }

    void start(ThreadFactory threads) {
        identify();
        SingleThread beating = new SingleThread(threads, ticker, PURPOSE, this::run);
        thread = beating;
        beating.ensure();
        recorder.ensureToo(beating);
        if (erasures != null) {
            erasures.lookOn(beating);
        }
    }

    void identify() {
        here = Identity.of(application.name(), settings, recorder.status().directory());
        others = new OtherApplications(SpoolHome.of(settings, application.name()), ticker);
    }

    void stop() {
        stopping.countDown();
        SingleThread last = thread;
        try {
            if (last != null) {
                last.stop(STOP);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean stopped = false;
        while (!stopped) {
            try {
                stopped = stopping.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException otherWaiting) {
                // An interrupt of this thread is dropped, since it is meant for another kind of waiting. Stopping is
                // asked for in another way.
                continue;
            }
            look(stopped);
        }
    }

    /** Does the work that is due, unless the store was out of reach a moment ago. Whatever fails is tried again later. */
    void look(boolean stopped) {
        try {
            if (!stopped) {
                recorder.ensureDrained();
                others.nowAndThen();
            }
            lookAtAll(stopped);
        } catch (RuntimeException | Error e) {
            // Memory may be short, for example, where the state of the spool is read.
            tellOnce(e);
        }
    }

    private void lookAtAll(boolean stopped) {
        if (!stopped && isPaused()) {
            return;
        }
        paused = false;
        lookAtErasures(stopped);
        if (paused) {
            return;
        }
        try {
            beat(stopped);
        } catch (UsageStoreException | IOException | RuntimeException | Error e) {
            tell(e);
        }
    }

    /** Waits, but not for longer than until the drainer finds the store back. */
    private boolean isPaused() {
        if (!paused || ticker.nanoTime() - pausedAt >= PAUSE_NANOS) {
            return false;
        }
        return !pausedInOutage || isOutage();
    }

    private boolean isOutage() {
        return recorder.status().storeDownSince() != null;
    }

    /** The erasures are read before the heartbeat is written, since a heartbeat may fail for other reasons. */
    private void lookAtErasures(boolean stopped) {
        if (erasures == null || stopped || ticker.nanoTime() - erasuresAt < ERASURES_NANOS) {
            return;
        }
        erasuresAt = ticker.nanoTime();
        try {
            erasures.look(here.id(), hasBeaten);
            hasBeaten = false;
        } catch (UsageStoreException | RuntimeException | Error e) {
            tell(e);
        }
    }

    private void beat(boolean stopped) throws UsageStoreException, IOException {
        // Retries are asked for only once the store has a row for this node, so that this node is asked, too.
        if (retriesWanted && !stopped && retriesDone >= 0) {
            nodes.askForRetries();
            retriesWanted = false;
            beatAt = ticker.nanoTime() - BEAT_NANOS;
        }
        if (stopped || ticker.nanoTime() - beatAt >= BEAT_NANOS) {
            beatAt = ticker.nanoTime();
            beatNow(stopped);
        }
        if (!stopped && (!shown || recorder.rejected().hasChanged())) {
            show();
        }
        if (!stopped && ticker.nanoTime() - forgotAt >= FORGET_NANOS) {
            nodes.forget();
            forgotAt = ticker.nanoTime();
        }
    }

    private void beatNow(boolean stopped) throws UsageStoreException {
        Instant before = heardAt;
        // If the next beat fails, it is not known whether it arrived.
        heardAt = null;
        if (retries != null && recorder.rejected().wereTried(retries.at())) {
            retriesDone = retries.request();
            retries = null;
        }
        Optional<RecordingNodes.Heard> heard = nodes.beat(state(stopped), before, retriesDone);
        if (heard.isEmpty() && !stopped) {
            takeAnotherId();
            heard = nodes.beat(state(false), null, retriesDone);
        }
        if (heard.isPresent()) {
            heardAt = heard.get().at();
            seenAt = heardAt;
            carryOut(heard.get().retriesAsked(), heard.get().retriesDone());
        }
        failed = false;
        hasBeaten = true;
    }

    /**
     * Makes all records due if somebody has asked for that since the last request. The store learns that a request was carried out only
     * once each record was tried. If this process ends earlier, the next one begins again with the request, which does no harm.
     */
    private void carryOut(long asked, long done) {
        if (retriesDone < 0 || asked < retriesDone || retries != null && asked < retries.request()) {
            // This is the first report, or the store has lost the row and begins to count again.
            retriesDone = Math.min(asked, done);
            retries = null;
        }
        if (asked > (retries == null ? retriesDone : retries.request())) {
            retries = new Retries(asked, clock.instant());
            recorder.rejected().tryAllNow(retries.at());
        }
    }

    /** Two containers may have the same host name, paths and settings. Without another id, one would hide the other. */
    private void takeAnotherId() {
        here = here.another();
        seenAt = null;
        retriesDone = -1;
        retries = null;
        shown = false;
        recorder.rejected().allChanged();
        LOG.log(
                Level.INFO,
                "Another node has this one's host name, tokentally.node and spool directory; GET /recording shows both");
    }

    private NodeState state(boolean stopped) {
        return state(recorder.status(), stopped);
    }

    /** What this node says about itself. */
    NodeState state(RecordingStatus status, boolean stopped) {
        return new NodeState(
                here.id(),
                here.application(),
                here.node(),
                status.mode().label(),
                status.circuit(),
                status.waiting(),
                status.oldest(),
                status.rejected(),
                status.dropped(),
                status.withoutScope(),
                stopped);
    }

    private void show() throws UsageStoreException, IOException {
        if (recorder.rejected().beginsAgain()) {
            shown = false;
        }
        Map<UUID, Rejected> changes = recorder.rejected().changes(CHANGES);
        List<RejectedCall> calls = new ArrayList<>();
        for (Rejected each : changes.values()) {
            if (each != null) {
                calls.add(here.call(each));
            }
        }
        try {
            nodes.show(here.id(), changes.keySet(), calls, !shown);
            shown = true;
        } catch (UsageStoreException | RuntimeException | Error e) {
            recorder.rejected().changedStill(changes.keySet());
            throw e;
        }
    }

    private void tell(Throwable failure) {
        if (failure instanceof StoreUnavailableException) {
            paused = true;
            pausedAt = ticker.nanoTime();
            pausedInOutage = isOutage();
        } else {
            tellOnce(failure);
        }
    }

    private void tellOnce(Throwable failure) {
        if (!failed) {
            failed = true;
            LOG.log(
                    Level.WARNING,
                    "This node cannot report the state of its recording to other nodes; recording goes on: "
                            + LogText.of(failure) + SCRIPTS_MISSING,
                    LogText.unexpected(failure));
        }
    }

    /** Asks all nodes to try their set-aside records again, as soon as the store can be reached. */
    void askForRetries() {
        retriesWanted = true;
    }

    Identity here() {
        return here;
    }

    /** When the store last heard of this node, by the store's clock; null if it has not. */
    Instant seenAt() {
        return seenAt;
    }

    /**
     * A request to try all records again.
     *
     * @param request its number
     * @param at when the records were made due
     */
    private record Retries(long request, Instant at) {}

    /**
     * What distinguishes an application on a node from all others.
     *
     * @param id the same after a restart
     * @param application its name
     * @param node the node's name
     */
    record Identity(UUID id, String application, String node) {

        static Identity of(String application, Settings settings, Path spool) {
            String host = host();
            String node = settings.node().orElseGet(() -> host + "/" + spool.getFileName());
            String all = String.join("\n", host, spool.toString(), application, node);
            return new Identity(UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8)), application, node);
        }

        /** Does not use {@link UUID#randomUUID()}, since two copies of a process would get the same next random numbers. */
        Identity another() {
            ByteBuffer random = ByteBuffer.wrap(new SecureRandom().generateSeed(16));
            return new Identity(new UUID(random.getLong(), random.getLong()), application, node);
        }

        private static String host() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException nameless) {
                return "localhost";
            }
        }

        RejectedCall call(Rejected rejected) {
            return new RejectedCall(
                    rejected.call().id(),
                    rejected.call().tenantId(),
                    rejected.call().operation(),
                    rejected.call().startedAt(),
                    rejected.rejectedAt(),
                    rejected.tries(),
                    rejected.nextTry(),
                    rejected.reason(),
                    application,
                    node);
        }
    }
}
