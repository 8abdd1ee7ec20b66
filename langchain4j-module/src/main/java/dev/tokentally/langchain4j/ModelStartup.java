package dev.tokentally.langchain4j;

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
 * Gives the module the server's threads, and ends with the application what still waits for a model. Payara refuses an EJB
 * module of an EAR that has no session bean. Public because servers lose a package-private one.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class ModelStartup {

    @Inject
    ModelThreads models;

    @Resource
    ManagedThreadFactory threads;

    @PostConstruct
    void start() {
        models.start(threads);
    }

    @PreDestroy
    void stop() {
        models.stop();
    }
}
