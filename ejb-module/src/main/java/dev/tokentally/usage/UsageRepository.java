package dev.tokentally.usage;

import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The store to which records are written. Safe for use by many threads at once. */
public interface UsageRepository {

    /**
     * Writes a record in a transaction of its own. It neither joins nor marks the caller's transaction, if there is
     * one.
     *
     * @param record the record
     * @throws StoreUnavailableException when the store could not be reached; it is then unknown whether the record was
     *     written
     * @throws RecordTooOldException when calls of the record's time were dropped
     * @throws RecordRefusedException when the store refused the record because of its content, or because another
     *     record has its id
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store cannot take any record
     */
    void store(CallRecord record) throws UsageStoreException;

    /**
     * The same for a record whose earlier try ended with {@link StoreUnavailableException}. It is no error if the same
     * call is stored already, since the earlier try may have arrived.
     *
     * @param record the record
     * @throws StoreUnavailableException when the store could not be reached again
     * @throws RecordRefusedException when the store refused the record because of its content, or because another call
     *     has its id
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store cannot take any record
     */
    void storeAgain(CallRecord record) throws UsageStoreException;

    /**
     * Writes records in one transaction: all or none of them. Records that are stored already, because an earlier try
     * arrived, are left unchanged.
     *
     * @param records the records; each id occurs once
     * @return the ids of the records that this call inserted; the others were stored already
     * @throws StoreUnavailableException when the store could not be reached; it is then unknown which records were
     *     written
     * @throws RecordTooOldException when calls of the time of at least one record were dropped
     * @throws RecordRefusedException when the store refused at least one record because of its content, or because
     *     another call has its id
     * @throws WriteConflictException when another transaction was in the way; a later try may succeed
     * @throws UsageStoreException when the store cannot take any record, whatever its content
     */
    Set<UUID> storeAll(List<CallRecord> records) throws UsageStoreException;

    /**
     * Finds out whether the store could take a record now, and prepares it if it was not prepared yet.
     *
     * @throws StoreUnavailableException when it cannot be reached
     * @throws UsageStoreException when it can be reached but could not take one
     */
    void check() throws UsageStoreException;

    /**
     * Counts records that were set aside after {@link RecordTooOldException}. The default counts nothing.
     *
     * @param records how many
     * @throws StoreUnavailableException when the store could not be reached; it is then unknown whether it has counted
     * @throws UsageStoreException when the store cannot count
     */
    default void countTooOld(long records) throws UsageStoreException {
        // Not every store drops calls.
    }

    /**
     * Whether the store is prepared for records. Asks nobody, and takes no time. A store that was ready once stays so, also while it
     * is away. The default needs no preparation.
     *
     * @return how far the preparation is
     */
    default Readiness readiness() {
        return Readiness.READY;
    }

    /** How far the preparation of a store is. */
    enum Readiness {
        /** A record may be written. */
        READY,
        /** The store is there, and is being prepared. That takes about a second if its tables need no upgrade. */
        BEING_PREPARED,
        /** Nobody has reached the store yet. {@link #check} and {@link #storeAll} try it. */
        NOT_REACHED
    }
}
