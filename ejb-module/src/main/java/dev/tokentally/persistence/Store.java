package dev.tokentally.persistence;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.text.FailureText;
import dev.tokentally.text.OneLine;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository.Readiness;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.spi.PersistenceUnitTransactionType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/**
 * The data source that {@code tokentally.datasource} names, checked and with our tables in it. We write to it by JPA, in our own
 * transactions. Code that only reads or makes tables uses its connections.
 *
 * <p>If the store is out of reach when the application starts, the application starts all the same. The checks are then made when
 * the drainer or a report reaches the store.
 */
@ApplicationScoped
class Store {

    private static final Logger LOG = QuietLog.of(Store.class);

    private static final String MAKE_IT_JTA =
            "On WildFly set jta=true on the data source, on Payara non-transactional-connections=false on the pool";

    /** A remedy and what the database says. */
    private static final int LONGEST_REASON = 1000;

    private static final long LONG_PREPARATION_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Settings settings;
    private final OwnTransaction transaction;
    private final PersistenceUnitTransactionType transactions;
    /** Null if threads may use connections by themselves. */
    private final StoreComponent component;

    private final KeptFrom keptFrom = new KeptFrom(Clocks.SYSTEM);
    private final HibernateLog hibernateLog = new HibernateLog();
    private final ReentrantLock preparing = new ReentrantLock();
    private DataSource dataSource;
    private volatile Prepared prepared;
    /** Since when the store is being prepared, in nanoseconds; null while it is not. */
    private volatile Long preparingSince;

    private volatile boolean closed;
    private volatile boolean staysOneTable;
    /** Each write makes these threads if there are none. */
    private final List<OwnThread> upkeep = new CopyOnWriteArrayList<>();

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Store() {
        this(null, null, null, null);
    }

    @Inject
    Store(Settings settings, OwnTransaction transaction, Instance<StoreComponent> component) {
        this(settings, transaction, component, JpaProvider.isOnPayara());
    }

    private Store(
            Settings settings, OwnTransaction transaction, Instance<StoreComponent> component, boolean inComponent) {
        this(
                settings,
                inComponent ? new ComponentTransaction(component.get()) : transaction,
                PersistenceUnitTransactionType.JTA,
                inComponent ? component.get() : null);
    }

    Store(
            Settings settings,
            OwnTransaction transaction,
            PersistenceUnitTransactionType transactions,
            StoreComponent component) {
        this.settings = settings;
        this.transaction = transaction;
        this.transactions = transactions;
        this.component = component;
    }

    /** Looks up the data source and, if it can be reached, checks it. Throws for a fault that only a person can correct. */
    void open() {
        open(DataSourceLookup.of(settings.datasource()));
    }

    void open(DataSource found) {
        dataSource = found;
        try {
            prepare();
        } catch (StoreUnavailableException outage) {
            LOG.log(
                    Level.ERROR,
                    "The store (" + Setting.DATASOURCE.key() + "=" + settings.datasource()
                            + ") is out of reach at start. The"
                            + " application starts all the same; records wait in the spool until it is back. Why: "
                            + OneLine.of(FailureText.of(outage), LONGEST_REASON));
            PersistenceUnit.rehearse(settings.persistenceProvider(), transactions);
        } catch (UsageStoreException wrong) {
            throw new IllegalStateException(wrong.getMessage(), wrong);
        }
    }

    /** From now on nothing may be written, and no late thread may prepare the store. */
    void close() {
        closed = true;
        closeFactory();
    }

    private void closeFactory() {
        Prepared last = prepared;
        if (last != null && last.factory.isOpen()) {
            last.factory.close();
        }
        hibernateLog.close();
    }

    /**
     * From now on, each write makes this thread if there is none. The heartbeat writes every few seconds, also where there are no
     * calls.
     */
    void ensureToo(OwnThread thread) {
        upkeep.add(thread);
    }

    /**
     * Writes in its own transaction. It does not prepare the store, since that may take seconds. A store that is not prepared
     * counts as out of reach.
     *
     * @param writing what to do
     * @param <T> what comes of it
     */
    <T> T write(Writing<T> writing) throws UsageStoreException {
        upkeep.forEach(OwnThread::ensure);
        Prepared ready = checkPrepared();
        try {
            return inComponent(() -> hibernateLog.muted(
                    () -> inTransaction(ready, entities -> writing.with(entities, ready.database.dialect()))));
        } catch (Exception e) {
            throw StoreFailures.of("the store takes no records", e);
        }
    }

    private <T> T inTransaction(Prepared ready, OwnTransaction.Work<T> work) throws UsageStoreException {
        Commit commit = new Commit();
        T result = transaction.call(ready.factory, work, commit);
        commit.check();
        return result;
    }

    /** Does work on a connection, on the calling thread. It throws whatever the work throws. */
    <T> T with(Work<T> work) throws SQLException, UsageStoreException {
        try {
            return inComponent(() -> onConnection(work));
        } catch (SQLException | UsageStoreException | RuntimeException e) {
            throw e;
        } catch (Exception impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads for a caller who waits. A store that is not prepared counts as out of reach. */
    <T> T read(Work<T> query) throws SQLException, UsageStoreException {
        checkPrepared();
        return with(connection -> {
            try (ReadTransaction transaction = new ReadTransaction(connection)) {
                return query.on(connection);
            }
        });
    }

    private Prepared checkPrepared() throws StoreUnavailableException {
        Prepared ready = prepared;
        if (ready == null) {
            throw new StoreUnavailableException("the store is not prepared yet", null);
        }
        return ready;
    }

    private <T> T inComponent(Callable<T> work) throws Exception {
        if (component == null) {
            return work.call();
        }
        CompletableFuture<T> done = new CompletableFuture<>();
        component.run(() -> {
            try {
                done.complete(work.call());
            } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
            }
        });
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (Exception) e.getCause();
        }
    }

    private <T> T onConnection(Work<T> work) throws SQLException, UsageStoreException {
        prepareOnce();
        try (Connection connection = pooled()) {
            return work.on(connection);
        }
    }

    /** Finds out whether the store could take a record, and prepares the store if that was not done yet. */
    void check() throws UsageStoreException {
        try {
            with(connection -> {
                try (ReadTransaction transaction = new ReadTransaction(connection)) {
                    touchColumns(connection);
                    dialect().mayWrite(connection);
                    return null;
                }
            });
        } catch (SQLException | RuntimeException e) {
            throw StoreFailures.of("the store takes no records", e);
        }
    }

    /** Finds out whether the table can be read, and so whether the connection works, without reading a row. */
    static void touch(Connection connection) throws SQLException {
        try (PreparedStatement nothing = connection.prepareStatement("select id from llm_calls where 1 = 0")) {
            nothing.executeQuery().close();
        }
    }

    /** Finds out whether the table has all columns of a record, without reading a row. */
    static void touchColumns(Connection connection) throws SQLException {
        try (PreparedStatement nothing =
                connection.prepareStatement("select " + CallRow.COLUMNS + " from llm_calls where 1 = 0")) {
            nothing.executeQuery().close();
        }
    }

    private Connection pooled() throws UsageStoreException {
        try {
            return dataSource.getConnection();
        } catch (SQLException e) {
            throw StoreFailures.of("no connection to the store", e);
        } catch (RuntimeException e) {
            // Payara's pool throws this if two threads find stale connections at the same time. It works again at once.
            throw new StoreUnavailableException("the pool gave no connection to the store", e);
        }
    }

    /** Whether the module upgrades the tables. */
    boolean migratesItself() {
        return settings.migrateSchema();
    }

    /** Whether the module partitions the table, where the database can. */
    boolean partitions() {
        return settings.partitions() && !staysOneTable;
    }

    /** Whether the module partitions the table, and not only a DBA. Like the dialect, it is known after the first connection. */
    boolean partitionsItself() {
        return partitions() && migratesItself() && !sharesSessions();
    }

    /** Whether reports use rollups, and the module makes them. */
    boolean rollups() {
        return settings.rollups();
    }

    /** Remembers that something stands in the way of partitions. So the table stays one table until the next start. */
    void stayOneTable() {
        staysOneTable = true;
    }

    /** The dialect. It is known after the first connection. */
    Dialect dialect() {
        return prepared.database.dialect();
    }

    /** From when on calls are kept. */
    KeptFrom keptFrom() {
        return keptFrom;
    }

    /**
     * Whether nothing may be set or locked for a session of the database. Like the dialect, it is known after the first connection.
     */
    boolean sharesSessions() {
        return prepared.sharesSessions;
    }

    /**
     * Whether the store is ready for records. A preparation that takes very long counts as a store that was not reached, so that
     * callers do not wait for it.
     */
    Readiness readiness() {
        // The order matters: a preparation sets prepared before it resets preparingSince. Read the
        // other way round, a store that has just become ready would look as if nobody had reached it.
        Long since = preparingSince;
        if (prepared != null) {
            return Readiness.READY;
        }
        return since != null && System.nanoTime() - since < LONG_PREPARATION_NANOS
                ? Readiness.BEING_PREPARED
                : Readiness.NOT_REACHED;
    }

    /** One caller prepares the store. The others do not queue behind it, since a store that hangs would then hold them all. */
    void prepareOnce() throws UsageStoreException {
        if (prepared != null) {
            return;
        }
        if (!preparing.tryLock()) {
            if (prepared != null) {
                return;
            }
            throw new StoreUnavailableException("the store is being prepared after an outage", null);
        }
        try {
            if (prepared == null) {
                prepare();
            }
        } finally {
            preparing.unlock();
        }
    }

    private void prepare() throws UsageStoreException {
        if (closed) {
            throw new StoreUnavailableException("the application is stopping", null);
        }
        try {
            Prepared made = made();
            try {
                checkTransactions(made);
            } catch (UsageStoreException | RuntimeException | Error e) {
                made.factory.close();
                throw e;
            }
            LOG.log(Level.INFO, "LLM calls are recorded in " + made.title);
            if (made.provider == JpaProvider.HIBERNATE) {
                hibernateLog.open();
            }
            prepared = made;
            if (closed) {
                closeFactory();
            }
        } catch (UnsupportedDatabaseException | InvalidSettingException e) {
            throw e;
        } catch (SQLException | UsageStoreException | RuntimeException e) {
            throw unprepared(e);
        } finally {
            preparingSince = null;
        }
    }

    /**
     * Each failure of SQL is an outage, such as a disk that is full. A script leaves nothing half-done on PostgreSQL, and on H2 it can
     * nearly always run again ({@link H2HalfScripts}). Only faults in the set-up stop an application.
     */
    private static UsageStoreException unprepared(Exception failure) {
        Optional<String> remedy = Remedy.of(failure);
        if (remedy.isPresent()) {
            return new StoreUnavailableException(remedy.get(), failure);
        }
        UsageStoreException known = StoreFailures.of("the store could not be prepared", failure);
        return !(known instanceof StoreUnavailableException) && StoreFailures.isOfSql(failure)
                ? new StoreUnavailableException("the store could not be prepared", failure)
                : known;
    }

    private Prepared made() throws SQLException, UsageStoreException {
        // The connection goes back first, since nobody would close the factory if the connection broke after it was
        // made.
        Checked checked = checked();
        JpaProvider.Found provider = JpaProvider.find(settings.persistenceProvider());
        EntityManagerFactory factory =
                PersistenceUnit.open(provider, dataSource, transactions, checked.database.dialect(), checked.version);
        String title = checked.version.product() + " " + checked.version.text() + " (" + Setting.DATASOURCE.key() + "="
                + settings.datasource() + ") through " + provider.kind().label();
        return new Prepared(
                checked.database, factory, provider.kind(), checked.sharesSessions, checked.autoCommit, title);
    }

    private Checked checked() throws SQLException, UsageStoreException {
        try (Connection connection = pooled()) {
            DatabaseVersion version = DatabaseVersion.of(connection);
            Database found = Database.of(version);
            found.dialect().check(connection, settings.migrateSchema());
            boolean sharesSessions = found.dialect().sharesSessions(connection, dataSource);
            // A pooler gives a connection also while the database is away. By now the database has answered.
            preparingSince = System.nanoTime();
            if (sharesSessions) {
                LOG.log(
                        Level.WARNING,
                        "A pooler in front of PostgreSQL, such as PgBouncer in transaction mode, gives each transaction another"
                                + " session. Then records need prepareThreshold=0 in the URL of the data source, and a DBA must run the"
                                + " long steps of an upgrade (docs/upgrades.md). A data source that leads to PostgreSQL itself,"
                                + " or a pool in session mode, needs neither of the two");
            }
            Schema schema = new Schema(dataSource, found.dialect(), settings.partitions());
            if (settings.migrateSchema()) {
                schema.migrate(connection);
            } else {
                schema.check(connection);
            }
            keptFrom.read(connection);
            return new Checked(found, version, sharesSessions, Enlistment.isOnAutoCommit(connection));
        }
    }

    /**
     * If a pool takes no part in transactions and its connections have no auto-commit, nothing that is written is ever committed.
     */
    private void checkTransactions(Prepared made) throws UsageStoreException {
        if (transactions != PersistenceUnitTransactionType.JTA || takesPartInTransactions(made)) {
            return;
        }
        if (!made.autoCommit) {
            throw new InvalidSettingException(
                    Setting.DATASOURCE.key(),
                    settings.datasource(),
                    "a pool that takes part in transactions, or whose connections are on auto-commit: nobody would commit"
                            + " what is written through this one. " + MAKE_IT_JTA);
        }
        LOG.log(
                Level.WARNING,
                "The pool of " + Setting.DATASOURCE.key() + "=" + settings.datasource()
                        + " takes no part in transactions: each statement of a record commits by itself. "
                        + MAKE_IT_JTA);
    }

    private boolean takesPartInTransactions(Prepared made) throws UsageStoreException {
        try {
            return inComponent(() -> inTransaction(
                    made, entities -> Enlistment.isOf(dataSource, made.autoCommit, made.database.dialect())));
        } catch (Exception e) {
            throw StoreFailures.of("no transaction with the store", e);
        }
    }

    /**
     * A database whose tables are there.
     *
     * @param sharesSessions whether nothing may be set or locked for a session of the database
     * @param autoCommit whether its connections come with auto-commit
     */
    private record Checked(Database database, DatabaseVersion version, boolean sharesSessions, boolean autoCommit) {}

    /**
     * A store that can be written to.
     *
     * @param sharesSessions whether nothing may be set or locked for a session of the database
     * @param autoCommit whether its connections come with auto-commit
     * @param title what it is, for the log
     */
    private record Prepared(
            Database database,
            EntityManagerFactory factory,
            JpaProvider provider,
            boolean sharesSessions,
            boolean autoCommit,
            String title) {}

    /**
     * What is done on a connection, which is closed afterwards.
     *
     * @param <T> what comes of it
     */
    interface Work<T> {
        T on(Connection connection) throws SQLException, UsageStoreException;
    }

    /**
     * What is done in a transaction.
     *
     * @param <T> what comes of it
     */
    interface Writing<T> {
        T with(EntityManager entities, Dialect dialect) throws UsageStoreException;
    }
}
