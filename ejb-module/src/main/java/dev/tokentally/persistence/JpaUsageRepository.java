package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.RecordTooOldException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Writes records through JPA, each attempt in a transaction of its own. */
@ApplicationScoped
class JpaUsageRepository implements UsageRepository {

    /** How often a batch is tried again if other rows came between asking and writing. */
    private static final int CONFLICTS = 5;

    private static final String TOO_OLD = "update tokentally_rollup_state set too_old = too_old + ?1 where id = 2";

    private final Store store;
    private final KnownErasures erasures;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected JpaUsageRepository() {
        this(null, null);
    }

    /** For repositories without erasures. */
    JpaUsageRepository(Store store) {
        this(store, KnownErasures.NONE);
    }

    @Inject
    JpaUsageRepository(Store store, KnownErasures erasures) {
        this.store = store;
        this.erasures = erasures;
    }

    @Override
    public void store(CallRecord call) throws UsageStoreException {
        try (ErasingWrite write = erasures.begin()) {
            CallRecord written = write.of(call);
            writeKept(List.of(call), (entities, dialect) -> {
                entities.persist(new LlmCall(written));
                dialect.changed(List.of(written), entities);
                return null;
            });
        }
    }

    @Override
    public void storeAgain(CallRecord call) throws UsageStoreException {
        try {
            store(call);
        } catch (RecordRefusedException refused) {
            if (!StoreFailures.isKeyConflict(refused) || !missing(List.of(call)).isEmpty()) {
                throw refused;
            }
        }
    }

    /**
     * Mostly none of the records is stored yet, so this first inserts all of them. Only if that fails, it asks which are stored.
     * Another writer may insert one in between.
     */
    @Override
    public Set<UUID> storeAll(List<CallRecord> calls) throws UsageStoreException {
        store.prepareOnce();
        List<CallRecord> missing = calls;
        for (int attempt = 1; ; attempt++) {
            try {
                insert(missing);
                return missing.stream().map(CallRecord::id).collect(Collectors.toSet());
            } catch (RecordRefusedException refused) {
                if (!StoreFailures.isKeyConflict(refused)) {
                    throw refused;
                }
                if (attempt == CONFLICTS) {
                    throw taken(missing, refused);
                }
                missing = missing(calls);
            }
        }
    }

    /**
     * On PostgreSQL no query looks a call up by its id alone. So among several calls this cannot name the one; the caller finds it
     * by halving.
     */
    private static RecordRefusedException taken(List<CallRecord> missing, RecordRefusedException refused) {
        return new RecordRefusedException(
                missing.size() == 1
                        ? "another call has the id " + missing.get(0).id()
                        : "another call has the id of one of " + missing.size() + " calls",
                refused);
    }

    private void insert(List<CallRecord> calls) throws UsageStoreException {
        if (calls.isEmpty()) {
            return;
        }
        try (ErasingWrite write = erasures.begin()) {
            List<CallRecord> written = calls.stream().map(write::of).toList();
            writeKept(calls, (entities, dialect) -> {
                dialect.insert(written, entities);
                return null;
            });
        }
    }

    /** Writes calls, but none of a time whose calls were dropped. */
    private void writeKept(List<CallRecord> calls, Store.Writing<Void> writing) throws UsageStoreException {
        store.keptFrom().check(calls);
        try {
            store.write((entities, dialect) -> {
                dialect.checkKept(calls, entities);
                return writing.with(entities, dialect);
            });
        } catch (RecordTooOldException tooOld) {
            readKeptFrom(tooOld);
            throw tooOld;
        }
    }

    /**
     * Another node has said in the store that calls are kept from a later time on. This node reads it, and then refuses such
     * records itself.
     */
    private void readKeptFrom(RecordTooOldException tooOld) throws UsageStoreException {
        try {
            store.read(store.keptFrom()::read);
        } catch (SQLException e) {
            tooOld.addSuppressed(e);
        }
    }

    private List<CallRecord> missing(List<CallRecord> calls) throws UsageStoreException {
        return store.write((entities, dialect) -> dialect.missing(calls, entities));
    }

    @Override
    public void countTooOld(long records) throws UsageStoreException {
        store.write((entities, dialect) ->
                NativeSql.query(entities, TOO_OLD, records).executeUpdate());
    }

    @Override
    public Readiness readiness() {
        return store.readiness();
    }

    @Override
    @Transactional(TxType.NOT_SUPPORTED)
    public void check() throws UsageStoreException {
        store.check();
    }
}
