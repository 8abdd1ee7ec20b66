package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.WriteConflictException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Runs only where its number of rows is given, since it takes minutes: {@code -Dtokentally.test.partition-rows=1000000}. */
@DisplayName("A large table of calls on PostgreSQL")
@EnabledIfSystemProperty(named = "tokentally.test.partition-rows", matches = "\\d+")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class PartitionsUnderLoadTest {

    private static final System.Logger LOG = System.getLogger(PartitionsUnderLoadTest.class.getName());

    /** The default of {@code tokentally.recording.max-wait}. */
    private static final long MAX_WAIT_MILLIS = 1000;

    private final PGSimpleDataSource database = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
    private final AtomicBoolean ends = new AtomicBoolean();
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLong conflicts = new AtomicLong();

    @Test
    @DisplayName(
            "is partitioned under load although its session is killed once: no call waits long, is lost or is stored twice")
    void underLoad() throws Exception {
        long rows = Long.getLong("tokentally.test.partition-rows");
        Store store = TestDatabases.store(Map.of("tokentally.partitions", "false"));
        store.open(database);
        new SchemaUpgrade(store, LongSteps.Watch.NONE).run();
        execute("""
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status)
                select gen_random_uuid(), gen_random_uuid(), 't' || n % 100, 'chat', now() - n * interval '1 s',
                    1, 'openai', 'gpt-4o', 1, 1, 0, 0, 0, 0, 'none', 'ok' from generate_series(1, ROWS) n""".replace("ROWS", Long.toString(rows)));
        List<CompletableFuture<Integer>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            writers.add(
                    CompletableFuture.supplyAsync(() -> write(new JpaUsageRepository(store)), TestDatabases.THREADS));
        }
        Store other = TestDatabases.store(Map.of());
        other.open(database);
        long start = System.nanoTime();
        CompletableFuture<Boolean> killed = CompletableFuture.supplyAsync(
                new SchemaUpgrade(other, LongSteps.Watch.NONE)::tryOnce, TestDatabases.THREADS);
        while (count("select count(*) from pg_stat_progress_create_index") == 0 && !killed.isDone()) {
            Thread.onSpinWait();
        }
        execute("select pg_terminate_backend(pid) from pg_stat_progress_create_index");
        assertThat(killed.join()).isFalse();
        SchemaUpgrade upgrade = new SchemaUpgrade(other, LongSteps.Watch.NONE);
        while (!upgrade.tryOnce()) {
            Pause.sleep(100);
        }
        long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        Pause.sleep(1000);
        ends.set(true);
        int stored = writers.stream().mapToInt(CompletableFuture::join).sum();

        LOG.log(
                System.Logger.Level.INFO,
                rows + " rows were partitioned in " + tookMillis + " ms; " + stored
                        + " calls were stored meanwhile, the longest write took " + longest + " ms, " + conflicts
                        + " writes met a conflict");
        assertThat(count("select count(*) from pg_class where oid = to_regclass('llm_calls') and relkind = 'p'"))
                .isEqualTo(1);
        assertThat(count("select count(*) from llm_calls")).isEqualTo(rows + stored);
        assertThat(count("select count(distinct id) from llm_calls")).isEqualTo(rows + stored);
        assertThat(longest.get()).isLessThan(MAX_WAIT_MILLIS);
    }

    private int write(JpaUsageRepository calls) {
        int stored = 0;
        while (!ends.get()) {
            CallRecord call = Calls.ok("acme", Instant.now());
            boolean isStored = false;
            while (!isStored) {
                long start = System.nanoTime();
                try {
                    calls.storeAll(List.of(call));
                    isStored = true;
                } catch (WriteConflictException again) {
                    conflicts.incrementAndGet();
                } catch (UsageStoreException e) {
                    throw new IllegalStateException(e);
                }
                longest.accumulateAndGet(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start), Math::max);
            }
            stored++;
        }
        return stored;
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private long count(String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
