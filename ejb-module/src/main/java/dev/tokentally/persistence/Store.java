package dev.tokentally.persistence;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import javax.naming.InitialContext;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.sql.DataSource;

/**
 * The data source that {@code tokentally.datasource} names, checked and with our tables in it.
 *
 * <p>A store that is out of reach when the application starts does not stop it: the checks are then made when the first
 * record finds it back.
 */
@ApplicationScoped
class Store {

    private static final Logger LOG = System.getLogger(Store.class.getName());

    /** While a server boots, data sources and deployments come up side by side, and ours may be first. */
    private static final int LOOKUP_ATTEMPTS = 20;

    private static final int LOOKUP_WAIT_MILLIS = 250;

    private final Settings settings;
    /** Null where threads may use connections by themselves. */
    private final StoreComponent component;

    private final ReentrantLock preparing = new ReentrantLock();
    private DataSource dataSource;
    private volatile Database database;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected Store() {
        this(null);
    }

    @Inject
    Store(Settings settings, Instance<StoreComponent> component) {
        this(settings, isOnPayara() ? component.get() : null);
    }

    Store(Settings settings) {
        this(settings, (StoreComponent) null);
    }

    Store(Settings settings, StoreComponent component) {
        this.settings = settings;
        this.component = component;
    }

    /** Looks the data source up and, when it can be reached, checks it; throws for what only a person can put right. */
    void open() {
        open(lookUp(settings.datasource()));
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
                            + " application starts all the same; records wait in the spool until it is back. "
                            + outage.getMessage());
        } catch (UsageStoreException wrong) {
            throw new IllegalStateException(wrong.getMessage(), wrong);
        }
    }

    private static boolean isOnPayara() {
        return System.getProperty("com.sun.aas.instanceRoot") != null;
    }

    /** Does work on a connection, on the calling thread; what the work throws comes as it is. */
    <T> T with(Work<T> work) throws SQLException, UsageStoreException {
        if (component == null) {
            return onConnection(work);
        }
        CompletableFuture<T> done = new CompletableFuture<>();
        component.run(() -> {
            try {
                done.complete(onConnection(work));
            } catch (Throwable thrown) {
                done.completeExceptionally(thrown);
            }
        });
        return outcome(done);
    }

    private <T> T onConnection(Work<T> work) throws SQLException, UsageStoreException {
        try (Connection connection = connection()) {
            return work.on(connection);
        }
    }

    private static <T> T outcome(CompletableFuture<T> done) throws SQLException, UsageStoreException {
        try {
            return done.join();
        } catch (CompletionException e) {
            Throwable thrown = e.getCause();
            if (thrown instanceof SQLException sql) {
                throw sql;
            }
            if (thrown instanceof UsageStoreException known) {
                throw known;
            }
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) thrown;
        }
    }

    /** Finds out whether the table answers, and costs nothing else. */
    static void touch(Connection connection) throws SQLException {
        try (PreparedStatement nothing = connection.prepareStatement("select id from llm_calls where 1 = 0")) {
            nothing.executeQuery().close();
        }
    }

    private Connection connection() throws UsageStoreException {
        if (database == null) {
            prepareOnce();
        }
        return pooled();
    }

    private Connection pooled() throws UsageStoreException {
        try {
            return dataSource.getConnection();
        } catch (SQLException e) {
            throw failure("no connection to the store", e);
        } catch (RuntimeException e) {
            // Payara's pool, where two threads find stale connections at the same time; it works again at once.
            throw new StoreUnavailableException("the pool gave no connection to the store", e);
        }
    }

    /** Which it is; known once a connection was given. */
    Database database() {
        return database;
    }

    /** One caller prepares; the others do not queue behind it, since a store that hangs would then hold them all. */
    private void prepareOnce() throws UsageStoreException {
        if (!preparing.tryLock()) {
            throw new StoreUnavailableException("the store is being prepared after an outage", null);
        }
        try {
            if (database == null) {
                prepare();
            }
        } finally {
            preparing.unlock();
        }
    }

    private void prepare() throws UsageStoreException {
        try (Connection connection = pooled()) {
            Database found = Database.of(connection);
            if (found == Database.H2) {
                new H2Durability(connection).check(settings.migrateSchema());
            }
            Schema schema = new Schema(dataSource, found);
            if (settings.migrateSchema()) {
                schema.migrate(connection);
            } else {
                schema.check(connection);
            }
            LOG.log(
                    Level.INFO,
                    "LLM calls are recorded in " + connection.getMetaData().getDatabaseProductName() + " "
                            + connection.getMetaData().getDatabaseProductVersion() + " (" + Setting.DATASOURCE.key()
                            + "="
                            + settings.datasource() + ")");
            database = found;
        } catch (UnsupportedDatabaseException e) {
            throw e;
        } catch (SQLException | RuntimeException e) {
            throw failure("the store could not be prepared", e);
        }
    }

    /** What the store answered, classified. */
    static UsageStoreException failure(String what, Exception cause) {
        if (ConnectionFailures.isOne(cause)) {
            return new StoreUnavailableException("the store is out of reach", cause);
        }
        return isTheRowsOwnFault(cause)
                ? new RecordRefusedException("the store refused the record", cause)
                : new UsageStoreException(what, cause);
    }

    /** Class 22 is a value that does not fit, 23 a constraint that it breaks; all else would meet any other row too. */
    private static boolean isTheRowsOwnFault(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }

    private static DataSource lookUp(String name) {
        for (int attempt = 1; ; attempt++) {
            try {
                return InitialContext.doLookup(name);
            } catch (ClassCastException e) {
                throw notADataSource(
                        name, "the JNDI name of a javax.sql.DataSource; what it names is another thing", e);
            } catch (NamingException e) {
                if (!saysThatNothingHasThatName(e)) {
                    throw notADataSource(
                            name, "the JNDI name of a data source of this server; looking it up failed", e);
                }
                if (attempt == LOOKUP_ATTEMPTS || !pause(LOOKUP_WAIT_MILLIS)) {
                    throw notADataSource(
                            name, "the JNDI name of a data source of this server; nothing has that name", e);
                }
            }
        }
    }

    /** WildFly throws the exception for it, Payara hides that one in another. */
    private static boolean saysThatNothingHasThatName(NamingException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof NameNotFoundException) {
                return true;
            }
        }
        return false;
    }

    private static InvalidSettingException notADataSource(String name, String allowed, Exception cause) {
        InvalidSettingException e = new InvalidSettingException(Setting.DATASOURCE.key(), name, allowed);
        e.initCause(cause);
        return e;
    }

    /**
     * What is done on a connection, which is closed afterwards.
     *
     * @param <T> what comes of it
     */
    interface Work<T> {
        T on(Connection connection) throws SQLException, UsageStoreException;
    }

    /** False when the thread was interrupted meanwhile; it stays interrupted then. */
    static boolean pause(int millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
