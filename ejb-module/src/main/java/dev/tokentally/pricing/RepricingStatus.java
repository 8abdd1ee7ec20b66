package dev.tokentally.pricing;

import dev.tokentally.usage.Window;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * How far a repricing is, and what it found.
 *
 * @param id which one
 * @param window whose calls it looks at; ends no later than the repricing began
 * @param dryRun whether it changes nothing
 * @param state how it is doing
 * @param fault why it failed; null where it did not
 * @param startedAt when it began
 * @param endedAt when it ended; null while it has not
 * @param reached it is done with all calls of the window that started then or later; null before the first. A repricing of
 *     a window that ends there does the rest
 * @param callsRead how many calls it has looked at, those included whose provider said their cost and those that failed
 *     without any tokens, whose cost stays
 * @param total what it makes of the others
 * @param models the same by provider and model, dearest after it first; where there are too many, the last has the rest
 * @param notes what to know before it is more than tried
 */
public record RepricingStatus(
        UUID id,
        Window window,
        boolean dryRun,
        RepricingState state,
        String fault,
        Instant startedAt,
        Instant endedAt,
        Instant reached,
        long callsRead,
        RepricedCalls total,
        List<RepricedCalls> models,
        List<String> notes) {}
