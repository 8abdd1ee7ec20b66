package dev.tokentally.web.usage;

import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.eclipse.microprofile.faulttolerance.Retry;

/**
 * Asks the reports, and once more where the connection failed at once: one that went stale in the pool costs nobody an
 * answer. Not after a wait, since both together must end within two seconds.
 *
 * <p>Payara looks for Fault Tolerance annotations in the WARs of an EAR only, and without one there it silently ignores
 * {@code @Retry} in the EJB module, where the recording of calls relies on it. So this annotation has a second job:
 * before you remove the last one of this WAR, see what the EJB module says at start about {@code @Retry}.
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
