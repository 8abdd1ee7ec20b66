package dev.tokentally.persistence;

import dev.tokentally.config.Settings;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;

/**
 * Opens the store when the application starts. A wrong set-up stops the deployment, such as a data source of a database for which
 * we have no SQL. A store that is out of reach does not: records wait in the spool until it is back. Public because servers lose a
 * package-private session bean; manages transactions itself because migrations commit theirs.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class PersistenceStartup {

    @Inject
    Store store;

    @Inject
    StoreReader reader;

    @Resource
    ManagedThreadFactory threads;

    @Inject
    Settings settings;

    private SchemaUpgrade upgrade;
    private RetentionJob retention;
    private RollupUpkeep rollups;

    @PostConstruct
    void start() {
        store.open();
        reader.start(threads);
        if (store.migratesItself()) {
            upgrade = new SchemaUpgrade(store, new StepWatch(store, threads));
            upgrade.start(threads);
        }
        retention = new RetentionJob(store, settings);
        retention.start(threads);
        if (store.rollups()) {
            rollups = new RollupUpkeep(store, new StepWatch(store, threads));
            rollups.start(threads);
        }
    }

    @PreDestroy
    void stop() {
        retention.stop();
        if (rollups != null) {
            rollups.stop();
        }
        if (upgrade != null) {
            upgrade.stop();
        }
        reader.stop();
        store.close();
    }
}
