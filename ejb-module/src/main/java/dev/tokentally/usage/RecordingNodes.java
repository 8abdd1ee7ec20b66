package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Where nodes and applications tell each other how recording goes. Safe for use by many threads at once. */
public interface RecordingNodes {

    /**
     * Tells how one is, at the time of the store.
     *
     * @param state how it is
     * @param before when it was told last, as the store answered; null when that is not known
     * @param retriesDone the number of the last request for retries that it has carried out; negative when it knows of none
     * @return what the store answers; empty when another has told its state under the same id since then, and this one is not told
     * @throws UsageStoreException when the store does not take it
     */
    Optional<Heard> beat(NodeState state, Instant before, long retriesDone) throws UsageStoreException;

    /**
     * All that run, and those that ended without having stopped in order less than a week ago. Waits for the store, on the calling
     * thread.
     *
     * @return at most 1000, those that were seen last
     * @throws UsageStoreException when the store does not give it
     */
    List<SeenNode> all() throws UsageStoreException;

    /**
     * Shows what is set aside in one application on one node.
     *
     * @param node the id of its state
     * @param gone records that are shown, and no longer set aside or about to be shown anew
     * @param calls what to show
     * @param all whether nothing else is to be shown of it
     * @throws UsageStoreException when the store does not take it
     */
    void show(UUID node, Set<UUID> gone, List<RejectedCall> calls, boolean all) throws UsageStoreException;

    /**
     * What is set aside elsewhere, newest first.
     *
     * @param except the id of the state of the one that asks
     * @param after when the last one before these was refused, and its id; null to begin with the newest
     * @param limit how many at most
     * @return the list
     * @throws UsageStoreException when the store does not give it
     */
    List<RejectedCall> rejected(UUID except, CallPosition after, int limit) throws UsageStoreException;

    /**
     * Asks all to try again what is set aside.
     *
     * @throws UsageStoreException when the store does not take it
     */
    void askForRetries() throws UsageStoreException;

    /**
     * Forgets those that were not seen for a week.
     *
     * @throws UsageStoreException when the store does not take it
     */
    void forget() throws UsageStoreException;

    /**
     * What the store answers to a heartbeat.
     *
     * @param at when it was told, by the store's clock
     * @param retriesAsked the number of the last request for retries
     * @param retriesDone the number of the last one that was carried out
     */
    record Heard(Instant at, long retriesAsked, long retriesDone) {}
}
