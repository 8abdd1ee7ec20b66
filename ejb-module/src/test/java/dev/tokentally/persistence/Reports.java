package dev.tokentally.persistence;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import java.util.List;
import java.util.Map;

/** Reports without a server, with threads that end when they have nothing to do. */
final class Reports {

    private Reports() {}

    static UsageReports of(Store store) {
        return of(store, Map.of());
    }

    static UsageReports of(Store store, Map<String, String> configuration) {
        return of(store, configuration, Runtime.getRuntime().maxMemory() / 4);
    }

    /** @param memory how many bytes all reports together may take */
    static UsageReports of(Store store, Map<String, String> configuration, long memory) {
        Settings settings = new Settings(new MapConfig(configuration));
        StoreReader reader = new StoreReader(store, settings);
        reader.start(work -> {
            Thread thread = new Thread(work, "reader");
            thread.setDaemon(true);
            return thread;
        });
        return new JdbcUsageReports(reader, store, settings, memory);
    }

    static List<CallRecord> latest(Store store, String tenantId, int limit) throws UsageStoreException {
        return of(store).calls(tenantId, CallFilter.ALL, null, limit);
    }
}
