package dev.tokentally.web.usage;

import dev.tokentally.usage.ReportTimeoutException;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemKind;
import dev.tokentally.web.problem.ProblemMapper;
import dev.tokentally.web.problem.UnexpectedFailure;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What a client is told when the store has no answer. */
@Provider
public class StoreProblems implements ExceptionMapper<UsageStoreException> {

    private static final Logger LOG = System.getLogger(StoreProblems.class.getName());

    @Override
    public Response toResponse(UsageStoreException thrown) {
        return ProblemMapper.response(problem(thrown)).build();
    }

    private static Problem problem(UsageStoreException thrown) {
        if (thrown instanceof StoreUnavailableException) {
            LOG.log(Level.WARNING, "The store is out of reach, so a report is refused with 503");
            return new Problem(
                    ProblemKind.USAGE_BACKEND_UNAVAILABLE, "The usage records are out of reach at the moment.");
        }
        if (thrown instanceof ReportTimeoutException) {
            LOG.log(Level.WARNING, "A report is refused with 503: " + thrown.getMessage());
            return new Problem(
                    ProblemKind.REPORT_TIMEOUT,
                    "The report took too long. Ask for a shorter window with from and to, or have"
                            + " tokentally.reports.max-time raised.");
        }
        if (thrown instanceof ReportTooLargeException) {
            LOG.log(Level.WARNING, "A report is refused with 503: " + thrown.getMessage());
            return new Problem(
                    ProblemKind.REPORT_TOO_LARGE,
                    "The report takes more memory than there is for reports. Ask for a shorter window with from and to, or"
                            + " again later.");
        }
        return UnexpectedFailure.logged(thrown);
    }
}
