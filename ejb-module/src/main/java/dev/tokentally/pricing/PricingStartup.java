package dev.tokentally.pricing;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.ejb.DependsOn;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.enterprise.concurrent.ManagedThreadFactory;
import jakarta.inject.Inject;

/**
 * Reads the prices when the application starts, so that a wrong file stops the deployment. Stops a running repricing
 * when the application ends. It starts after the store and thus stops before it. It is public because servers ignore
 * package-private session beans.
 */
@Singleton
@Startup
@DependsOn("PersistenceStartup")
@TransactionManagement(TransactionManagementType.BEAN)
public class PricingStartup {

    @Inject
    PriceList prices;

    @Inject
    Repricing repricing;

    @Resource
    ManagedThreadFactory threads;

    @PostConstruct
    void start() {
        prices.announce();
        repricing.start(threads);
    }

    @PreDestroy
    void stop() {
        repricing.stop();
    }
}
