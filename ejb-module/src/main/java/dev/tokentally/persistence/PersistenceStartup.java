package dev.tokentally.persistence;

import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/**
 * Opens the store when the application starts; what is wrong with it or with the settings stops the deployment. Public
 * because servers lose a package-private session bean; manages transactions itself because migrations commit theirs.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class PersistenceStartup {

    @Inject
    Store store;

    @PostConstruct
    void start() {
        store.open();
    }
}
