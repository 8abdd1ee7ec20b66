package dev.tokentally.usage;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Erases users: their names, or the hashes of their names, become pseudonyms in all rows. Each method uses short
 * transactions of its own, so that recording goes on. Safe for use by many threads at once.
 *
 * <p>Once an erasure is requested, each writer of records must learn of it and write the pseudonym. {@link #read},
 * {@link #heeded} and {@link #isSettled} say how far that is.
 */
public interface UserErasures {

    /**
     * Whether users can be erased.
     *
     * @return false if there is no key for hashing names
     */
    boolean hasKey();

    /**
     * Requests an erasure. All nodes learn of it.
     *
     * @param tenantId the user's tenant
     * @param user the user's name
     * @return the new erasure
     * @throws StoreUnavailableException when the store could not be reached; it is then unknown whether the request was
     *     stored
     * @throws UsageStoreException when the store cannot write
     * @throws IllegalStateException when there is no key
     */
    Erasure ask(String tenantId, String user) throws UsageStoreException;

    /**
     * Finds an erasure.
     *
     * @param id the id of the erasure
     * @return the erasure; empty if there is none with this id
     * @throws UsageStoreException when the store cannot answer
     */
    Optional<Erasure> find(UUID id) throws UsageStoreException;

    /**
     * Reads the requested erasures. All writes that begin from now on follow them.
     *
     * @return whether at least one of them is not done
     * @throws UsageStoreException when the store cannot answer
     */
    boolean read() throws UsageStoreException;

    /**
     * The newest erasure that every write of this node follows, including writes that began earlier and are not
     * finished.
     *
     * @return the erasure's number; negative until one was read
     */
    long heeded();

    /**
     * Stores the value of {@link #heeded} for the other nodes.
     *
     * @param node the id of this node's state
     * @throws UsageStoreException when the store cannot write
     */
    void tell(UUID node) throws UsageStoreException;

    /**
     * The erasures that are not done and that this node can do: it needs the key with which they were requested.
     *
     * @return the erasures, oldest first
     * @throws UsageStoreException when the store cannot answer
     */
    List<Erasure> open() throws UsageStoreException;

    /**
     * Reserves an erasure for this node for half a minute, or extends the reservation by as much.
     *
     * @param id the id of the erasure
     * @param node the id of this node's state
     * @return the erasure; empty if another node has reserved it, or if it is done
     * @throws UsageStoreException when the store cannot write
     */
    Optional<Erasure> take(UUID id, UUID node) throws UsageStoreException;

    /**
     * Counts the rows with the name or its hash in a part of the tenant's calls.
     *
     * @param id the id of the erasure
     * @param after the place where the previous part ended; null to begin with the newest calls
     * @return the number of rows, and where the next part begins
     * @throws UsageStoreException when the store cannot answer
     */
    Part count(UUID id, CallPosition after) throws UsageStoreException;

    /**
     * Writes the pseudonym into the rows of a part of the tenant's calls, and counts them. The method may be repeated
     * if its outcome is not known.
     *
     * @param id the id of the erasure
     * @param after the place where the previous part ended; null to begin with the newest calls
     * @return the number of rows, and where the next part begins
     * @throws UsageStoreException when the store cannot write
     */
    Part erase(UUID id, CallPosition after) throws UsageStoreException;

    /**
     * Stores how many rows have the name.
     *
     * @param id the id of the erasure
     * @param left how many, without those that have the pseudonym already
     * @throws UsageStoreException when the store cannot write
     */
    void counted(UUID id, long left) throws UsageStoreException;

    /**
     * Stores that the erasure waits for the nodes.
     *
     * @param id the id of the erasure
     * @throws UsageStoreException when the store cannot write
     */
    void waits(UUID id) throws UsageStoreException;

    /**
     * The nodes that were seen recently and have not yet stored that they follow the erasure.
     *
     * @param id the id of the erasure
     * @return their names, for the log
     * @throws UsageStoreException when the store cannot answer
     */
    List<String> behind(UUID id) throws UsageStoreException;

    /**
     * Whether the writes of nodes that were not seen recently have ended too, or are certain to learn of the erasure.
     *
     * @param id the id of the erasure
     * @return true some seconds after this node has read the erasure
     */
    boolean isSettled(UUID id);

    /**
     * The transactions that are writing rows, of any node.
     *
     * @return the names of the transactions
     * @throws UsageStoreException when the store cannot answer
     */
    Set<String> writers() throws UsageStoreException;

    /**
     * Stores that the erasure is done, unless a late record has made it begin again.
     *
     * @param id the id of the erasure
     * @param round the round that is finished
     * @return whether the erasure is done
     * @throws UsageStoreException when the store cannot write
     */
    boolean done(UUID id, long round) throws UsageStoreException;

    /**
     * A part of a tenant's calls.
     *
     * @param rows how many rows were counted or changed in it
     * @param next where the next part begins; null if this was the last
     */
    record Part(long rows, CallPosition next) {}
}
