package dev.tokentally.web.usage;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.eclipse.microprofile.faulttolerance.Retry;

/**
 * Reads records, and once more where the connection failed: one that went stale in the pool costs nobody an answer.
 *
 * <p>Payara looks for Fault Tolerance annotations in the WARs of an EAR only, and without one there it silently ignores
 * {@code @Retry} in the EJB module, where the recording of calls relies on it. So this annotation has a second job:
 * before you remove the last one of this WAR, see what the EJB module says at start about {@code @Retry}.
 */
@ApplicationScoped
class CallHistory {

    private final UsageReports reports;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected CallHistory() {
        this(null);
    }

    @Inject
    CallHistory(UsageReports reports) {
        this.reports = reports;
    }

    @Retry(maxRetries = 1, delay = 50, jitter = 0, retryOn = StoreUnavailableException.class)
    public List<CallRecord> latest(String tenant, int limit) throws UsageStoreException {
        return reports.latestCalls(tenant, limit);
    }
}
