package dev.tokentally.persistence;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.sql.Connection;
import java.time.Instant;
import java.util.Map;
import javax.sql.DataSource;

/** A process that stores calls and acknowledges each on its standard output, until it is killed. */
final class KilledWriter {

    private KilledWriter() {}

    public static void main(String[] arguments) throws Exception {
        Store store = TestDatabases.store(Map.of());
        DataSource database = TestDatabases.h2(arguments[0]);
        // This connection stays open, as in a pool: H2 closes a database, and so writes it, when its last connection
        // closes.
        Connection held = database.getConnection();
        store.open(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        while (held.isValid(1)) {
            CallRecord call = Calls.ok("acme", Instant.EPOCH);
            repository.store(call);
            System.out.println(call.id());
        }
    }
}
