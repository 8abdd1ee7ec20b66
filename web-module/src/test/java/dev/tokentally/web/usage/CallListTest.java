package dev.tokentally.web.usage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A list of calls as CSV")
class CallListTest {

    private static final CallsQuery ALL = new CallsQuery("acme", CallFilter.ALL, null, CallsQuery.NO_LIMIT);

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final Reports reports = new Reports();

    @Test
    @DisplayName("is visibly incomplete if older calls are dropped while it is sent")
    void droppedMeanwhile() throws Exception {
        CallList calls = CallList.of(ALL, new RetriedReports(reports));
        Instant inTheHeader = calls.callsKeptFrom();
        reports.keptFrom = Instant.parse("2026-02-01T00:00:00Z");

        assertThatThrownBy(() -> CallCsv.write(calls, inTheHeader, sent))
                .isInstanceOf(UsageStoreException.class)
                .hasMessageContaining("dropped");

        assertThat(sent.toString(UTF_8).lines().reduce("", (before, line) -> line))
                .startsWith("INCOMPLETE: ");
    }

    @Test
    @DisplayName("is complete if calls were dropped before, as its header says")
    void droppedBefore() throws Exception {
        reports.keptFrom = Instant.parse("2026-02-01T00:00:00Z");
        CallList calls = CallList.of(ALL, new RetriedReports(reports));

        CallCsv.write(calls, calls.callsKeptFrom(), sent);

        assertThat(sent.toString(UTF_8).lines()).hasSize(1);
    }

    /** A store without calls, whose older calls were dropped. */
    private static final class Reports implements UsageReports {

        private Instant keptFrom;

        @Override
        public List<CallRecord> calls(String tenantId, CallFilter filter, CallPosition after, int limit) {
            return List.of();
        }

        @Override
        public Instant callsKeptFrom(CallFilter filter) {
            return keptFrom;
        }

        @Override
        public List<CallRecord> callsOfAll(CallFilter filter, CallPosition after, int limit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public UsageReport report(UsageQuestion question) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<SeriesBucket> series(String tenantId, SeriesQuery query) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<SeriesBucket> seriesOfAll(SeriesQuery query) {
            throw new UnsupportedOperationException();
        }
    }
}
