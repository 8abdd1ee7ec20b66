package dev.tokentally.usage;

/** Where records are written. Safe for use by many threads at once. */
public interface UsageRepository {

    /**
     * Writes a record in a transaction of its own; the caller's, if there is one, is neither joined nor marked.
     *
     * @param record what to write
     * @throws StoreUnavailableException when the store was out of reach; whether the record was written is then unknown
     * @throws UsageStoreException when the store refused it, also because its id is taken
     */
    void store(CallRecord record) throws UsageStoreException;

    /**
     * The same for a record whose earlier try ended with {@link StoreUnavailableException}: that the very same call is
     * there already means that the earlier try did arrive, and is no error.
     *
     * @param record what to write
     * @throws StoreUnavailableException when the store was out of reach again
     * @throws UsageStoreException when the store refused it, also because another call has its id
     */
    void storeAgain(CallRecord record) throws UsageStoreException;
}
