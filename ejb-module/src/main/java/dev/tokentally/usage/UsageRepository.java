package dev.tokentally.usage;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Where records are written. Safe for use by many threads at once. */
public interface UsageRepository {

    /**
     * Writes a record in a transaction of its own; the caller's, if there is one, is neither joined nor marked.
     *
     * @param record what to write
     * @throws StoreUnavailableException when the store was out of reach; whether the record was written is then unknown
     * @throws RecordRefusedException when the store refused it for what is in it, also because its id is taken
     * @throws WriteConflictException when another transaction stood in the way; a later try may succeed
     * @throws UsageStoreException when the store cannot take any
     */
    void store(CallRecord record) throws UsageStoreException;

    /**
     * The same for a record whose earlier try ended with {@link StoreUnavailableException}: that the very same call is
     * there already means that the earlier try did arrive, and is no error.
     *
     * @param record what to write
     * @throws StoreUnavailableException when the store was out of reach again
     * @throws RecordRefusedException when the store refused it for what is in it, also because another call has its id
     * @throws WriteConflictException when another transaction stood in the way; a later try may succeed
     * @throws UsageStoreException when the store cannot take any
     */
    void storeAgain(CallRecord record) throws UsageStoreException;

    /**
     * Writes records in one transaction: all or none of them. Those that are there already, as an earlier try whose
     * outcome nobody knew did arrive, are left as they are.
     *
     * @param records what to write; each id once
     * @return the ids of those that this call inserted; the others were there
     * @throws StoreUnavailableException when the store was out of reach; which records were written is then unknown
     * @throws RecordRefusedException when it refused at least one for what is in it, also because another call has its id
     * @throws WriteConflictException when another transaction stood in the way; a later try may succeed
     * @throws UsageStoreException when it can take none, whatever is in them
     */
    Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException;

    /**
     * Finds out whether the store could take a record now.
     *
     * @throws StoreUnavailableException when it is out of reach
     * @throws UsageStoreException when it is there but could not
     */
    void check() throws UsageStoreException;
}
