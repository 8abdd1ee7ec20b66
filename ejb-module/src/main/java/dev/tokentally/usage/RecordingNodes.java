package dev.tokentally.usage;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Where nodes and applications tell each other how recording goes. Safe for use by many threads at once. */
public interface RecordingNodes {

    /**
     * Tells how one is, at the time of the store.
     *
     * @param state how it is
     * @param retriesDone the number of the last request for retries that it has carried out; negative when it knows of none
     * @return the numbers of the last requests
     * @throws UsageStoreException when the store does not take it
     */
    Retries beat(NodeState state, long retriesDone) throws UsageStoreException;

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
     * Numbers of requests for retries.
     *
     * @param asked of the last one
     * @param done of the last one that was carried out
     */
    record Retries(long asked, long done) {}
}
