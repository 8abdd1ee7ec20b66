package dev.tokentally.recording;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The records of all nodes and applications that the store refused while it took others. Safe for use by many threads. */
@ApplicationScoped
public class RejectedCalls {

    private static final Logger LOG = QuietLog.of(RejectedCalls.class);

    private static final Comparator<RejectedCall> NEWEST_FIRST = Comparator.comparing(RejectedCall::rejectedAt)
            .thenComparing(call -> call.id().toString())
            .reversed();

    private final SpooledRecorder recorder;
    private final RecordingNodes nodes;
    private final Heartbeat heartbeat;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected RejectedCalls() {
        this(null, null, null);
    }

    @Inject
    RejectedCalls(SpooledRecorder recorder, RecordingNodes nodes, Heartbeat heartbeat) {
        this.recorder = recorder;
        this.nodes = nodes;
        this.heartbeat = heartbeat;
    }

    /**
     * A part of the list, the last refused first. Those of other nodes are as their last heartbeats told; while the store is out
     * of reach there are only those of this application on this node.
     *
     * @param after when the last one before these was refused, and its id; null to begin with the newest
     * @param limit how many at most
     * @return the records that follow
     */
    public List<RejectedCall> list(CallPosition after, int limit) {
        List<RejectedCall> all = new ArrayList<>();
        try {
            recorder.rejected()
                    .list(after == null ? null : Map.entry(after.startedAt(), after.id()), limit)
                    .forEach(each -> all.add(heartbeat.here().call(each)));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "The records that are set aside on this node cannot be read: " + LogText.of(e));
        }
        try {
            all.addAll(nodes.rejected(heartbeat.here().id(), after, limit));
        } catch (UsageStoreException e) {
            LOG.log(
                    Level.WARNING,
                    "The records that are set aside on other nodes cannot be read at the moment: " + LogText.of(e));
        }
        return all.stream().sorted(NEWEST_FIRST).limit(limit).toList();
    }

    /** Asks each node to try all of them again. A node learns of it with its next heartbeat; this method does not wait. */
    public void retry() {
        heartbeat.askForRetries();
    }
}
