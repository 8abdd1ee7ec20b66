package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A table from before the attributes of calls")
class OlderRowsTest {

    /** An older row has the columns up to this one. */
    private static final int OLDER = CallColumn.ALL.indexOf(CallColumn.USAGE_DOUBTS) + 1;

    @ParameterizedTest
    @DisplayName("is upgraded: its rows have no attributes, and new rows are stored beside them")
    @EnumSource(Database.class)
    void upgraded(Database kind) throws Exception {
        DataSource database = TestDatabases.empty(kind);
        TestDatabases.opened(database);
        for (CallColumn<?> later : CallColumn.ALL.subList(OLDER, CallColumn.ALL.size())) {
            TestDatabases.execute(database, "alter table llm_calls drop column " + later);
        }
        TestDatabases.execute(database, "delete from \"tokentally_schema_history\" where \"version\" = '6'");
        TestDatabases.execute(database, """
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, model, input_tokens,
                    output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd, cost_source, status)
                values ('01990000-0000-7000-8000-000000000001', '01990000-0000-7000-8000-000000000002', 'acme', 'chat',
                    timestamp with time zone '2026-01-01 00:00:00+00', 1, 'gpt-4o', 1, 1, 0, 0, 0, 0.5, 'provider', 'ok')""");

        Store store = TestDatabases.opened(database);
        CallRecord single = Calls.metered("acme", Instant.parse("2026-02-01T00:00:00Z"));
        CallRecord batch = Calls.metered("acme", Instant.parse("2026-03-01T00:00:00Z"));
        new JpaUsageRepository(store).store(single);
        new JpaUsageRepository(store).storeAll(List.of(batch));

        List<CallRecord> calls = Reports.latest(store, "acme", 10);
        assertThat(calls).hasSize(3).startsWith(batch, single);
        CallRecord older = calls.get(2);
        assertThat(older.origin()).isEqualTo(new CallOrigin(older.callId(), "acme", "chat"));
        assertThat(older.links()).isEqualTo(CallLinks.NONE);
        assertThat(older.usage().requestedModel()).isNull();
    }
}
