package dev.tokentally.pricing;

import dev.tokentally.usage.Window;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The progress and the results of a repricing.
 *
 * @param id the id of the repricing
 * @param window the time in which the calls started; it ends no later than the repricing began
 * @param callsKeptFrom from when on there are calls, if earlier calls of the window were dropped; null if none were
 * @param dryRun whether it changes nothing
 * @param state its state
 * @param fault why it failed; null if it did not
 * @param startedAt when it began
 * @param endedAt when it ended; null while it has not
 * @param reached the repricing has finished all calls of the window that started at this instant or later; a repricing
 *     of a window that ends here does the rest; null before the first call
 * @param callsRead how many calls it has looked at, including those that keep their cost in any case: calls whose
 *     provider said it, and calls that failed without any tokens
 * @param total the result for all other calls. A call that was stored while it ran, in a part that it had already read, counts only
 *     if it changed the call.
 * @param models the result by provider and model, by descending new cost; if there are too many models, the last
 *     element has the rest
 * @param notes what to consider before a repricing that is more than a dry run, and which calls it could not reach
 */
public record RepricingStatus(
        UUID id,
        Window window,
        Instant callsKeptFrom,
        boolean dryRun,
        RepricingState state,
        String fault,
        Instant startedAt,
        Instant endedAt,
        Instant reached,
        long callsRead,
        RepricedCalls total,
        List<RepricedCalls> models,
        List<String> notes) {

    /** Copies the lists. */
    public RepricingStatus {
        models = List.copyOf(models);
        notes = List.copyOf(notes);
    }

    /**
     * The same for calls of which none were dropped.
     *
     * @param id the id of the repricing
     * @param window the time in which the calls started
     * @param dryRun whether it changes nothing
     * @param state its state
     * @param fault why it failed; null if it did not
     * @param startedAt when it began
     * @param endedAt when it ended; null while it has not
     * @param reached it has finished all calls that started at this instant or later; null before the first call
     * @param callsRead how many calls it has looked at
     * @param total the result for all other calls
     * @param models the result by provider and model
     * @param notes what to consider
     */
    public RepricingStatus(
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
            List<String> notes) {
        this(id, window, null, dryRun, state, fault, startedAt, endedAt, reached, callsRead, total, models, notes);
    }
}
