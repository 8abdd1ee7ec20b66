package dev.tokentally.usage;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Where users are erased: their names, or the hashes of these, become pseudonyms in all rows. Each method makes short transactions of
 * its own, so that recording goes on. Safe for use by many threads at once.
 *
 * <p>From the moment in which one was asked for, whatever writes a record heeds it. How soon, {@link #read} and {@link #isSettled}
 * tell.
 */
public interface UserErasures {

    /**
     * Whether users can be erased.
     *
     * @return false where there is no key to make hashes of names with
     */
    boolean hasKey();

    /**
     * Asks for one. All nodes hear of it.
     *
     * @param tenantId whose user it is
     * @param user the name
     * @return the new one
     * @throws StoreUnavailableException when the store was out of reach; whether it was asked for is then unknown
     * @throws UsageStoreException when the store does not take it
     * @throws IllegalStateException when there is no key
     */
    Erasure ask(String tenantId, String user) throws UsageStoreException;

    /**
     * One of them.
     *
     * @param id which one
     * @return how it is doing; empty where there is none
     * @throws UsageStoreException when the store does not tell
     */
    Optional<Erasure> find(UUID id) throws UsageStoreException;

    /**
     * Reads what was asked for, for all writes that begin from now on.
     *
     * @return whether one of them is not done
     * @throws UsageStoreException when the store does not tell
     */
    boolean read() throws UsageStoreException;

    /**
     * The newest that no write of this node passes by, also none that began earlier and is still under way.
     *
     * @return its number; negative while none was read
     */
    long heeded();

    /**
     * Tells the others {@link #heeded}.
     *
     * @param node the id of this node's state
     * @throws UsageStoreException when the store does not take it
     */
    void tell(UUID node) throws UsageStoreException;

    /**
     * Those that are not done and that this node can do, as it has the key that they were asked for with.
     *
     * @return the oldest first
     * @throws UsageStoreException when the store does not tell
     */
    List<Erasure> open() throws UsageStoreException;

    /**
     * Takes one for this node, or keeps it for half a minute more.
     *
     * @param id which one
     * @param node the id of this node's state
     * @return how it is doing; empty where another node has it, or where it is done
     * @throws UsageStoreException when the store does not take it
     */
    Optional<Erasure> take(UUID id, UUID node) throws UsageStoreException;

    /**
     * Counts the rows of a part of the tenant's calls that have the name or its hash.
     *
     * @param id which one
     * @param after where the part before this one ended; null to begin with the newest calls
     * @return how many
     * @throws UsageStoreException when the store does not tell
     */
    Part count(UUID id, CallPosition after) throws UsageStoreException;

    /**
     * Puts the pseudonym into the rows of a part of the tenant's calls, and counts them. May be repeated when its outcome is not
     * known.
     *
     * @param id which one
     * @param after where the part before this one ended; null to begin with the newest calls
     * @return how many
     * @throws UsageStoreException when the store does not take it
     */
    Part erase(UUID id, CallPosition after) throws UsageStoreException;

    /**
     * Stores how many rows have the name.
     *
     * @param id which one
     * @param left how many, beside those that have the pseudonym
     * @throws UsageStoreException when the store does not take it
     */
    void counted(UUID id, long left) throws UsageStoreException;

    /**
     * Stores that it waits for the nodes.
     *
     * @param id which one
     * @throws UsageStoreException when the store does not take it
     */
    void waits(UUID id) throws UsageStoreException;

    /**
     * The nodes that were seen lately and have not told that they heed it.
     *
     * @param id which one
     * @return their names, for the log
     * @throws UsageStoreException when the store does not tell
     */
    List<String> behind(UUID id) throws UsageStoreException;

    /**
     * Whether also those writes have ended, or will be told of, that belong to nodes which nobody has seen lately.
     *
     * @param id which one
     * @return true some seconds after this node has read it
     */
    boolean isSettled(UUID id);

    /**
     * The transactions that are writing rows, whosever they are.
     *
     * @return names for them
     * @throws UsageStoreException when the store does not tell
     */
    Set<String> writers() throws UsageStoreException;

    /**
     * Stores that it is done, unless a late record has made it begin again.
     *
     * @param id which one
     * @param round the one that is over
     * @return whether it is done
     * @throws UsageStoreException when the store does not take it
     */
    boolean done(UUID id, long round) throws UsageStoreException;

    /**
     * A part of a tenant's calls.
     *
     * @param rows how many rows of it are meant
     * @param next where the next part begins; null when this was the last
     */
    record Part(long rows, CallPosition next) {}
}
