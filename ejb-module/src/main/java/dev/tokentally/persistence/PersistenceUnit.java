package dev.tokentally.persistence;

import dev.tokentally.text.QuietLog;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.SharedCacheMode;
import jakarta.persistence.ValidationMode;
import jakarta.persistence.spi.ClassTransformer;
import jakarta.persistence.spi.PersistenceUnitInfo;
import jakarta.persistence.spi.PersistenceUnitTransactionType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;

/**
 * Our persistence unit, made in code. A persistence.xml would fix the data source in the archive, so that configuration could not
 * choose it. It would also conflict with an application's {@code @PersistenceContext} without a name.
 */
final class PersistenceUnit implements PersistenceUnitInfo {

    private static final Logger LOG = QuietLog.of(PersistenceUnit.class);

    private static final String NAME = "tokentally";

    private final String provider;
    private final DataSource dataSource;
    private final PersistenceUnitTransactionType transactions;

    private PersistenceUnit(String provider, DataSource dataSource, PersistenceUnitTransactionType transactions) {
        this.provider = provider;
        this.dataSource = dataSource;
        this.transactions = transactions;
    }

    /**
     * Makes the factory and lets the provider do the work of its first use. This takes seconds, so it must never happen inside a
     * caller's write.
     *
     * @return the factory; to be closed
     */
    static EntityManagerFactory open(
            JpaProvider.Found found,
            DataSource dataSource,
            PersistenceUnitTransactionType transactions,
            Dialect dialect,
            DatabaseVersion version) {
        boolean jta = transactions == PersistenceUnitTransactionType.JTA;
        Map<String, Object> properties = found.kind().properties(dialect, version, jta);
        EntityManagerFactory factory = found.provider()
                .createContainerEntityManagerFactory(
                        new PersistenceUnit(found.kind().className(), dataSource, transactions), properties);
        try {
            factory.createEntityManager().close();
            return factory;
        } catch (RuntimeException | Error e) {
            factory.close();
            throw e;
        }
    }

    /**
     * Loads what {@link #open} needs of EclipseLink, as far as that is possible without the store. The first {@code open} spends
     * most of its time on that, and records may have to wait for it. This does nothing for Hibernate, which would log a version of
     * the database before that is known.
     *
     * @param asked what {@code tokentally.persistence.provider} says; empty when it says nothing
     */
    static void rehearse(Optional<String> asked, PersistenceUnitTransactionType transactions) {
        try {
            JpaProvider.Found found = JpaProvider.find(asked);
            if (found.kind() == JpaProvider.ECLIPSELINK) {
                open(found, away(), transactions, Database.POSTGRESQL.dialect(), null)
                        .close();
            }
        } catch (RuntimeException | Error e) {
            // It fails at the end, when it asks for a connection. Any other failure comes again at the real open(),
            // which reports it.
            LOG.log(Level.DEBUG, "The persistence unit is loaded as far as possible without the store", e);
        }
    }

    private static DataSource away() {
        return (DataSource) Proxy.newProxyInstance(
                PersistenceUnit.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getConnection")) {
                        throw new SQLNonTransientConnectionException("no connection yet");
                    }
                    return method.invoke(NAME, arguments);
                });
    }

    @Override
    public String getPersistenceUnitName() {
        return NAME;
    }

    @Override
    public String getPersistenceProviderClassName() {
        return provider;
    }

    @Override
    public PersistenceUnitTransactionType getTransactionType() {
        return transactions;
    }

    @Override
    public DataSource getJtaDataSource() {
        return transactions == PersistenceUnitTransactionType.JTA ? dataSource : null;
    }

    @Override
    public DataSource getNonJtaDataSource() {
        return transactions == PersistenceUnitTransactionType.JTA ? null : dataSource;
    }

    @Override
    public List<String> getMappingFileNames() {
        return List.of();
    }

    @Override
    public List<URL> getJarFileUrls() {
        return List.of();
    }

    @Override
    public URL getPersistenceUnitRootUrl() {
        return PersistenceUnit.class.getProtectionDomain().getCodeSource().getLocation();
    }

    @Override
    public List<String> getManagedClassNames() {
        return List.of(LlmCall.class.getName(), RejectedRow.class.getName());
    }

    @Override
    public boolean excludeUnlistedClasses() {
        return true;
    }

    @Override
    public SharedCacheMode getSharedCacheMode() {
        return SharedCacheMode.NONE;
    }

    @Override
    public ValidationMode getValidationMode() {
        return ValidationMode.NONE;
    }

    @Override
    public Properties getProperties() {
        return new Properties();
    }

    @Override
    public String getPersistenceXMLSchemaVersion() {
        return "3.0";
    }

    @Override
    public ClassLoader getClassLoader() {
        return PersistenceUnit.class.getClassLoader();
    }

    /** Does nothing, since the unit does not weave classes. */
    @Override
    public void addTransformer(ClassTransformer transformer) {}

    @Override
    public ClassLoader getNewTempClassLoader() {
        return getClassLoader();
    }
}
