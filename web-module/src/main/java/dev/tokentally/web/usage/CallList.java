package dev.tokentally.web.usage;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * A list of calls that is read page by page while it is sent. So a long list needs no more memory, and a slow client does not hold
 * a connection.
 */
final class CallList {

    private static final int PAGE = 2000;

    private final RetriedReports reports;
    private final CallsQuery query;
    private final Page first;

    private CallList(RetriedReports reports, CallsQuery query, Page first) {
        this.reports = reports;
        this.query = query;
        this.first = first;
    }

    /** Reads the first page, so that a failure is known before the answer begins. */
    static CallList of(CallsQuery query, RetriedReports reports) throws UsageStoreException {
        return new CallList(reports, query, page(reports, query, query.after(), query.limit()));
    }

    /**
     * Sends all.
     *
     * @param rows what takes each call
     * @return where the list goes on; null when it ends here
     * @throws UsageStoreException when the store was lost after the first page
     */
    CallPosition send(Consumer<CallRecord> rows) throws UsageStoreException {
        int left = query.limit();
        Page page = first;
        CallPosition last = query.after();
        while (true) {
            for (CallRecord call : page.calls()) {
                if (left == 0) {
                    return last;
                }
                rows.accept(call);
                last = CallPosition.after(call);
                left--;
            }
            if (page.isLast()) {
                return null;
            }
            page = page(reports, query, last, left);
        }
    }

    /** From when on the list has calls; null if the list is complete. */
    Instant callsKeptFrom() throws UsageStoreException {
        return reports.ask(store -> store.callsKeptFrom(query.filter()));
    }

    /** Reads one more than asked for, which shows whether there are more. */
    private static Page page(RetriedReports reports, CallsQuery query, CallPosition after, int left)
            throws UsageStoreException {
        int size = Math.min(PAGE, left + 1);
        List<CallRecord> calls = reports.ask(store -> query.tenant() == null
                ? store.callsOfAll(query.filter(), after, size)
                : store.calls(query.tenant(), query.filter(), after, size));
        return new Page(calls, calls.size() < size);
    }

    private record Page(List<CallRecord> calls, boolean isLast) {}
}
