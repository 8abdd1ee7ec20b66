package dev.tokentally.pricing;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.Partitions;
import dev.tokentally.usage.RecordingNodes;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.Retention;
import dev.tokentally.usage.Rollups;
import dev.tokentally.usage.SeenNode;
import dev.tokentally.usage.UsageStoreException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Nodes that say what a test lets them say. A repricing asks for nothing else. */
final class ScriptedNodes implements RecordingNodes {

    final List<SeenNode> seen = new ArrayList<>();

    /** With which it answers first. */
    final Deque<UsageStoreException> failures = new ArrayDeque<>();

    void add(long waiting, Instant oldest, long rejected, boolean missing) {
        NodeState state = new NodeState(
                UUID.randomUUID(), "app", "node", "async", "closed", waiting, oldest, rejected, 0, 0, false);
        seen.add(new SeenNode(state, Instant.now(), missing));
    }

    @Override
    public List<SeenNode> all() throws UsageStoreException {
        if (!failures.isEmpty()) {
            throw failures.poll();
        }
        return List.copyOf(seen);
    }

    @Override
    public Optional<Heard> beat(NodeState state, Instant before, long retriesDone) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Partitions partitions() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Retention retention() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Rollups rollups() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void show(UUID node, Set<UUID> gone, List<RejectedCall> calls, boolean all) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<RejectedCall> rejected(UUID except, CallPosition after, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void askForRetries() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void forget() {
        throw new UnsupportedOperationException();
    }
}
