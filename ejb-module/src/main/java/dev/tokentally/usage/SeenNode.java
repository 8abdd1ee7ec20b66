package dev.tokentally.usage;

import java.time.Instant;

/**
 * An application on a node, as others see it.
 *
 * @param state its last report
 * @param lastSeen the time of that report, by the store's clock; null when not known
 * @param missing whether the report is older than it can be for a running node
 */
public record SeenNode(NodeState state, Instant lastSeen, boolean missing) {}
