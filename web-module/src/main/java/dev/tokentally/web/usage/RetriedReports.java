package dev.tokentally.web.usage;

import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.faulttolerance.Retry;

/**
 * Asks the reports, and asks again if the connection failed at once. So a stale connection in the pool costs nobody an answer.
 * After a wait it does not ask again, since both tries together must end within two seconds.
 *
 * <p>Payara looks for Fault Tolerance annotations only in the WARs of an EAR. If it finds none, it silently ignores {@code @Retry}
 * in the EJB module, where the recording of calls needs it. So this annotation has a second purpose. Before you remove the last one
 * in this WAR, read what the EJB module logs at start about {@code @Retry}.
 */
@ApplicationScoped
class RetriedReports {

    private final UsageReports reports;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected RetriedReports() {
        this(null);
    }

    @Inject
    RetriedReports(UsageReports reports) {
        this.reports = reports;
    }

    @Retry(maxRetries = 1, delay = 50, jitter = 0, maxDuration = 400, retryOn = StoreUnavailableException.class)
    public <T> T ask(Question<T> question) throws UsageStoreException {
        return question.to(reports);
    }

    /** What is asked of the reports. */
    interface Question<T> {
        T to(UsageReports reports) throws UsageStoreException;
    }
}
