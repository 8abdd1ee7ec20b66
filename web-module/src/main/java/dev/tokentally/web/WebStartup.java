package dev.tokentally.web;

import dev.tokentally.web.body.BodyLimit;
import dev.tokentally.web.key.ApiKeys;
import dev.tokentally.web.key.FailedAttempts;
import dev.tokentally.web.model.ModelSettings;
import dev.tokentally.web.page.PageSettings;
import jakarta.annotation.PostConstruct;
import jakarta.ejb.Singleton;
import jakarta.ejb.Startup;
import jakarta.ejb.TransactionManagement;
import jakarta.ejb.TransactionManagementType;
import jakarta.inject.Inject;

/**
 * Reads the settings when the application starts, so that a wrong one stops the deployment; an EJB, because all servers
 * give up the deployment when one of these fails. Public because servers lose a package-private session bean.
 */
@Singleton
@Startup
@TransactionManagement(TransactionManagementType.BEAN)
public class WebStartup {

    @Inject
    ApiKeys keys;

    @Inject
    FailedAttempts failedAttempts;

    @Inject
    BodyLimit bodyLimit;

    @Inject
    ModelSettings model;

    @Inject
    PageSettings page;

    @PostConstruct
    void start() {
        bodyLimit.bytes();
        failedAttempts.allowed();
        page.traceUrl();
        model.announce();
        keys.announce();
    }
}
