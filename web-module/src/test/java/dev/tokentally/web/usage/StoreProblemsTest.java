package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.ReportTimeoutException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TooManyReportsException;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemKind;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A report that is refused")
class StoreProblemsTest {

    private final Logger logger = Logger.getLogger(StoreProblems.class.getName());
    private final List<String> lines = new ArrayList<>();

    @BeforeEach
    void capture() {
        logger.setFilter(line -> {
            lines.add(line.getMessage());
            return false;
        });
    }

    @AfterEach
    void end() {
        logger.setFilter(null);
    }

    @Test
    @DisplayName("because others are being made does not say that the store is out of reach")
    void tooMany() {
        Problem problem = refused(new TooManyReportsException("all readers are busy, tenant=acme"));

        assertThat(problem.kind()).isEqualTo(ProblemKind.TOO_MANY_REPORTS);
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.detail()).contains("Too many reports").doesNotContain("out of reach", "acme");
        assertThat(lines).containsExactly("A report is refused with 503: all readers are busy, tenant=acme");
    }

    @Test
    @DisplayName("for the store's sake has the reason in the log, and not in the answer")
    void unavailable() {
        Problem problem = refused(new StoreUnavailableException("no thread can be made to read from the store", null));

        assertThat(problem.kind()).isEqualTo(ProblemKind.USAGE_BACKEND_UNAVAILABLE);
        assertThat(problem.detail()).doesNotContain("thread");
        assertThat(lines).containsExactly("A report is refused with 503: no thread can be made to read from the store");
    }

    @Test
    @DisplayName("because it takes too long names the setting in the log")
    void tooLong() {
        Problem problem = refused(new ReportTimeoutException("the report took longer than a=1ms", null));

        assertThat(problem.kind()).isEqualTo(ProblemKind.REPORT_TIMEOUT);
        assertThat(lines).containsExactly("A report is refused with 503: the report took longer than a=1ms");
    }

    private static Problem refused(UsageStoreException thrown) {
        return StoreProblems.problem(thrown);
    }
}
