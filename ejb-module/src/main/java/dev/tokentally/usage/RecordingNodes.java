package dev.tokentally.usage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The place where nodes and applications tell each other how recording goes. Safe for use by many threads at once. */
public interface RecordingNodes {

    /**
     * Reports the state of one application on one node. The time is taken from the store's clock.
     *
     * @param state its state
     * @param before the time of its last report, as the store answered it; null when not known
     * @param retriesDone the number of the last request for retries that it has carried out; negative if it knows of
     *     none
     * @return the store's answer; empty if somebody else has reported a state under the same id since then, in which
     *     case this state is not stored
     * @throws UsageStoreException when the store cannot write
     */
    Optional<Heard> beat(NodeState state, Instant before, long retriesDone) throws UsageStoreException;

    /**
     * All applications that run, and those that ended without an orderly stop less than a week ago. The calling thread
     * waits for the store.
     *
     * @return at most 1000, the ones that were seen most recently
     * @throws UsageStoreException when the store cannot answer
     */
    List<SeenNode> all() throws UsageStoreException;

    /**
     * How far the partitioning of the table of calls is. The calling thread waits for the store.
     *
     * @return the state
     * @throws UsageStoreException when the store cannot answer
     */
    Partitions partitions() throws UsageStoreException;

    /**
     * What was dropped of the table of calls. The calling thread waits for the store.
     *
     * @return the state
     * @throws UsageStoreException when the store cannot answer
     */
    Retention retention() throws UsageStoreException;

    /**
     * How far the figures of closed intervals are. The calling thread waits for the store.
     *
     * @return the state; null if reports read calls only
     * @throws UsageStoreException when the store cannot answer
     */
    Rollups rollups() throws UsageStoreException;

    /**
     * Publishes the records that one application on one node has set aside.
     *
     * @param node the id of the application's state
     * @param gone the ids of published records that are no longer set aside, or that {@code calls} contains again
     * @param calls the records to publish
     * @param all whether every other published record of this application is to be removed
     * @throws UsageStoreException when the store cannot write
     */
    void show(UUID node, Set<UUID> gone, List<RejectedCall> calls, boolean all) throws UsageStoreException;

    /**
     * The records that other applications and nodes have set aside, newest first.
     *
     * @param except the id of the caller's own state
     * @param after the refusal time and the id of the record after which the list continues; null to begin with the
     *     newest
     * @param limit the most records
     * @return the list
     * @throws UsageStoreException when the store cannot answer
     */
    List<RejectedCall> rejected(UUID except, CallPosition after, int limit) throws UsageStoreException;

    /**
     * Asks every application to try its set-aside records again.
     *
     * @throws UsageStoreException when the store cannot write
     */
    void askForRetries() throws UsageStoreException;

    /**
     * Deletes the applications that were not seen for a week.
     *
     * @throws UsageStoreException when the store cannot write
     */
    void forget() throws UsageStoreException;

    /**
     * The store's answer to a report.
     *
     * @param at the time of the report, by the store's clock
     * @param retriesAsked the number of the last request for retries
     * @param retriesDone the number of the last one that this application has carried out
     */
    record Heard(Instant at, long retriesAsked, long retriesDone) {}
}
