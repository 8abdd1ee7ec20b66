package dev.tokentally.it;

import java.util.List;
import java.util.Map;

/**
 * Calls as a store may have them after 90 days. There are 50 tenants; the largest has 18% of the calls and the 12th has a
 * fiftieth. There are six operations and five models, and some of them are used more than others. Every eleventh invocation
 * is a fan-out of five calls. 2% of the calls failed, and 3% have no known price. Each run makes the same calls, except for
 * the random part of ids.
 */
final class ManyCalls {

    static final String LARGEST_TENANT = "tenant-01";

    /** The typical tenant, with a fiftieth of all calls. */
    static final String TYPICAL_TENANT = "tenant-12";

    static final String START = "2026-01-01T00:00:00Z";
    static final String LAST_30_DAYS = "2026-03-02T00:00:00Z";
    static final String END = "2026-04-01T00:00:00Z";

    private ManyCalls() {}

    /**
     * Replaces all other calls with these and vacuums the table. PostgreSQL does that by itself some time after many
     * inserts.
     */
    static void replaceAll(Postgres postgres, long count) {
        // Rollups are made from the start, and the calls of this statement need no marks.
        postgres.execute("""
                alter table llm_calls disable trigger user;
                truncate llm_calls, tokentally_rollups, tokentally_rollup_ids, tokentally_rollup_marks;
                update tokentally_rollup_state set closing = -2147483648, closed = -2147483648""");
        // Making an index for all calls at once is faster than adding them one by one.
        List<Map<String, Object>> indexes = postgres.query("""
                select indexname, indexdef from pg_indexes where tablename = 'llm_calls' and indexname <> 'llm_calls_pk'""");
        indexes.forEach(index -> postgres.execute("drop index " + index.get("indexname")));
        // The calls are in the order of time, as they would have come.
        postgres.execute("""
                create or replace function pg_temp.chance(of bigint, salt int) returns double precision immutable
                    return (hashint8extended(of, salt) & 1048575) / 1048576.0;
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status, error_class, created_at)
                select uuidv7(started_at - now()), md5(invocation::text)::uuid,
                       'tenant-' || lpad(floor(51 ^ pg_temp.chance(invocation, 1))::text, 2, '0'),
                       (array['chat', 'summarise', 'classify', 'extract', 'translate', 'embed'])
                           [floor(7 ^ pg_temp.chance(invocation, 2))],
                       started_at, duration, 'openai',
                       (array['gpt-4o', 'gpt-4o-mini', 'o3', 'gpt-4.1', 'claude-sonnet-4'])
                           [floor(6 ^ pg_temp.chance(n, 3))],
                       input, output, input / 3, 0, 0,
                       case when priced then (input * 2.5 + output * 10) / 1000000 else 0 end,
                       case when priced then 'price-list' else 'none' end,
                       case when ok then 'ok' else 'error' end, case when ok then null else 'TimeoutException' end,
                       started_at + duration * interval '1 millisecond'
                  from (select n, invocation, ok, ok and pg_temp.chance(n, 8) > 0.03 as priced,
                               timestamptz '%1$s' + n * ((timestamptz '%2$s' - timestamptz '%1$s') / %3$d) as started_at,
                               case when ok then (150 * exp(5 * pg_temp.chance(n, 4) ^ 2))::bigint else 20000 end as duration,
                               case when ok then (40 * exp(5 * pg_temp.chance(n, 5)))::int else 0 end as input,
                               case when ok then (10 * exp(5 * pg_temp.chance(n, 6) ^ 1.5))::int else 0 end as output
                          from (select n, n / 15 * 11 + least(n %% 15, 10) as invocation, pg_temp.chance(n, 7) > 0.02 as ok
                                  from generate_series(0::bigint, %3$d - 1) n) numbers
                       ) calls""".formatted(START, END, count));
        indexes.forEach(index -> postgres.execute("set maintenance_work_mem = '256MB'; "
                + index.get("indexdef").toString().replace(" ON ONLY ", " ON ")));
        postgres.execute("vacuum analyze llm_calls");
        postgres.execute("alter table llm_calls enable trigger user");
    }
}
