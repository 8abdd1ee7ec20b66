package dev.tokentally.usage;

import java.time.Instant;

/**
 * An application on a node, as others see it.
 *
 * @param state how recording goes there, as it told last
 * @param lastSeen when it told that, by the store's clock; null when that is not known
 * @param missing whether that was longer ago than a node is silent which runs
 */
public record SeenNode(NodeState state, Instant lastSeen, boolean missing) {}
