package dev.tokentally.web.usage;

import dev.tokentally.usage.ReportTimeoutException;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TooManyReportsException;
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

    static Problem problem(UsageStoreException thrown) {
        if (thrown instanceof StoreUnavailableException) {
            return refused(
                    thrown, ProblemKind.USAGE_BACKEND_UNAVAILABLE, "The usage records are out of reach at the moment.");
        }
        if (thrown instanceof TooManyReportsException) {
            return refused(
                    thrown,
                    ProblemKind.TOO_MANY_REPORTS,
                    "Too many reports are being made at the moment. Ask again later.");
        }
        if (thrown instanceof ReportTimeoutException) {
            return refused(
                    thrown,
                    ProblemKind.REPORT_TIMEOUT,
                    "The report took too long. Ask for a shorter window with from and to, or have"
                            + " tokentally.reports.max-time raised.");
        }
        if (thrown instanceof ReportTooLargeException) {
            return refused(
                    thrown,
                    ProblemKind.REPORT_TOO_LARGE,
                    "The report takes more memory than there is for reports. Ask for a shorter window with from and to, or"
                            + " again later.");
        }
        return UnexpectedFailure.logged(thrown);
    }

    private static Problem refused(UsageStoreException reason, ProblemKind kind, String detail) {
        LOG.log(Level.WARNING, "A report is refused with 503: " + reason.getMessage());
        return new Problem(kind, detail);
    }
}
