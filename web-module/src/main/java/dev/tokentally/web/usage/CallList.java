package dev.tokentally.web.usage;

import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;
import java.util.List;

/**
 * A list of calls that is read page by page while it is sent, so that neither its length nor a slow client takes memory or
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

    /** Reads the first page, so that what is wrong is known before the answer begins. */
    static CallList of(CallsQuery query, RetriedReports reports) throws UsageStoreException {
        return new CallList(reports, query, page(reports, query, query.after(), query.limit()));
    }

    /**
     * Sends all.
     *
     * @param rows what takes each call
     * @return where the list goes on; null when it ends here
     */
    CallPosition send(Rows rows) throws IOException {
        int left = query.limit();
        Page page = first;
        CallPosition last = query.after();
        while (true) {
            for (CallRecord call : page.calls()) {
                if (left == 0) {
                    return last;
                }
                rows.take(call);
                last = CallPosition.after(call);
                left--;
            }
            if (page.isLast()) {
                return null;
            }
            page = next(last, left);
        }
    }

    private Page next(CallPosition after, int left) throws IOException {
        try {
            return page(reports, query, after, left);
        } catch (UsageStoreException e) {
            throw new IOException("the list of calls cannot be read to its end", e);
        }
    }

    /** With one more than is wanted, which tells whether there are more. */
    private static Page page(RetriedReports reports, CallsQuery query, CallPosition after, int left)
            throws UsageStoreException {
        int size = Math.min(PAGE, left + 1);
        List<CallRecord> calls = reports.ask(store -> query.tenant() == null
                ? store.callsOfAll(query.filter(), after, size)
                : store.calls(query.tenant(), query.filter(), after, size));
        return new Page(calls, calls.size() < size);
    }

    private record Page(List<CallRecord> calls, boolean isLast) {}

    /** Where calls go. */
    interface Rows {
        void take(CallRecord call) throws IOException;
    }
}
