package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.tokentally.OnOneJdk;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.pricing.Repricing;
import dev.tokentally.pricing.RepricingState;
import dev.tokentally.pricing.RepricingStatus;
import dev.tokentally.pricing.Repricings;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageRepricing;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Repricing in a database")
@Timeout(value = 2, unit = TimeUnit.HOURS)
class JpaUsageRepricingTest {

    private static final String PRICES = """
            provider,model,from,input,cached_input,cache_write,output,reasoning
            openai,gpt-4o,2026-05-01,2.50,1.25,,10,
            openai,gpt-4o,2026-05-20,1.50,0.75,,6,
            anthropic,claude-sonnet-4,2026-05-01,3,0.30,3.75,15,
            gcp.gemini,gemini-2.5-flash,2026-05-10,0.30,0.075,,2.50,3.50
            """;

    private static final Instant START = Instant.parse("2026-05-01T00:00:00Z");
    private static final int ROWS = Integer.getInteger("rows", 8_000);

    private static final String WAITING =
            "select count(*) from pg_locks where not granted and relation = cast('llm_calls' as regclass)";

    private static final String COST = "cost_usd, cost_source";
    private static final String ALL_ELSE = """
            id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider, model, \
            input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, status, error_class, \
            created_at""";

    @OnOneJdk
    @ParameterizedTest
    @DisplayName(
            "of many calls does what the dry run said, ends the same if it is interrupted and run again, and changes nothing but cost and source")
    @EnumSource(Database.class)
    void manyCalls(Database kind) throws Exception {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        List<CallRecord> calls = fill(store);
        Repricing repricing = Repricings.of(PRICES, new JpaUsageRepricing(store));
        String allElse = checksum(ALL_ELSE, database);
        String cost = checksum(COST, database);

        repricing.begin(Window.ALWAYS, true);
        RepricingStatus tried = Repricings.awaitEnd(repricing);
        assertThat(checksum(COST, database)).isEqualTo(cost);

        UUID interrupted = repricing.begin(Window.ALWAYS, false).id();
        Repricings.await(repricing, status -> status.callsRead() >= ROWS / 3);
        repricing.stop(interrupted);
        RepricingStatus first = Repricings.awaitEnd(repricing);
        assertThat(first.state()).isEqualTo(RepricingState.STOPPED);
        assertThat(first.callsRead()).isLessThan(ROWS);
        repricing.begin(Window.ALWAYS, false);
        RepricingStatus second = Repricings.awaitEnd(repricing);

        assertThat(second.state()).isEqualTo(RepricingState.DONE);
        assertThat(second.callsRead()).isEqualTo(ROWS).isEqualTo(tried.callsRead());
        assertThat(first.total().changes()).isPositive();
        assertThat(first.total().changes() + second.total().changes())
                .isEqualTo(tried.total().changes());
        assertThat(second.total().costAfterUsd()).isEqualTo(tried.total().costAfterUsd());
        assertThat(second.total().withoutPrice()).isEqualTo(tried.total().withoutPrice());
        assertThat(second.total().changedMeanwhile()).isZero();
        assertThat(checksum(ALL_ELSE, database)).isEqualTo(allElse);
        assertThat(costs(database)).isEqualTo(expected(calls));

        repricing.begin(Window.ALWAYS, false);
        assertThat(Repricings.awaitEnd(repricing).total().changes()).isZero();
    }

    @ParameterizedTest
    @DisplayName(
            "leaves a call alone that somebody changed after it was read, and counts a call with the new cost as changed")
    @EnumSource(Database.class)
    void guarded(Database kind) throws Exception {
        DataSource database = TestDatabases.withTables(kind);
        Store store = TestDatabases.opened(database);
        UsageRepricing repricing = new JpaUsageRepricing(store);
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(Calls.ok("acme", START.plusSeconds(i)).withCost(new Cost(usd("0"), CostSource.NONE)));
        }
        new JpaUsageRepository(store).storeAll(calls);
        TestDatabases.execute(
                database,
                "update llm_calls set cost_usd = 7, cost_source = 'provider' where id = '"
                        + calls.get(0).id() + "'");
        TestDatabases.execute(
                database,
                "update llm_calls set cost_usd = 8, cost_source = 'price-list' where id = '"
                        + calls.get(1).id() + "'");
        List<CostChange> changes = calls.stream()
                .map(call -> new CostChange(call, new Cost(usd("0.5"), CostSource.PRICE_LIST)))
                .toList();

        for (int repeat = 0; repeat < 2; repeat++) {
            assertThat(repricing.reprice(changes))
                    .containsExactlyInAnyOrder(calls.get(0).id(), calls.get(1).id());
            assertThat(costs(database))
                    .containsExactly(
                            "7.0000000000 provider",
                            "8.0000000000 price-list",
                            "0.5000000000 price-list",
                            "0.5000000000 price-list");
        }
    }

    @ParameterizedTest
    @DisplayName("reads page by page, between any two instants, even with calls that start at the same time")
    @EnumSource(Database.class)
    void pages(Database kind) throws Exception {
        Store store = TestDatabases.opened(new WithoutAutoCommit(TestDatabases.empty(kind)));
        UsageRepricing repricing = new JpaUsageRepricing(store);
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            calls.add(Calls.ok("tenant " + i % 3, START.plusNanos(1000L * (i / 10))));
        }
        new JpaUsageRepository(store).storeAll(calls);

        for (Window window : List.of(Window.ALWAYS, new Window(START.plusNanos(2000), START.plusNanos(7000)))) {
            List<CallRecord> read = new ArrayList<>();
            List<CallRecord> page;
            do {
                page = repricing.newestCalls(
                        window, read.isEmpty() ? null : CallPosition.after(read.get(read.size() - 1)), 7);
                read.addAll(page);
            } while (page.size() == 7);
            assertThat(read)
                    .containsExactlyInAnyOrderElementsOf(calls.stream()
                            .filter(call -> window.from() == null
                                    || !call.startedAt().isBefore(window.from())
                                            && call.startedAt().isBefore(window.to()))
                            .toList());
            assertThat(read).isSortedAccordingTo((a, b) -> b.startedAt().compareTo(a.startedAt()));
        }
    }

    @ParameterizedTest
    @DisplayName("finds the calls that were stored since an instant by the store's clock, page by page")
    @EnumSource(Database.class)
    void storedSince(Database kind) throws Exception {
        DataSource database = TestDatabases.empty(kind);
        Store store = TestDatabases.opened(new WithoutAutoCommit(database));
        UsageRepricing repricing = new JpaUsageRepricing(store);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        for (int i = 0; i < 20; i++) {
            repository.store(Calls.ok("acme", START.plusSeconds(i)));
        }
        Instant since = repricing.oldestWrite();
        List<CallRecord> late = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            late.add(Calls.ok("tenant " + i % 3, START.plusSeconds(i)));
        }
        repository.storeAll(late);

        List<CallRecord> read = new ArrayList<>();
        List<CallRecord> page;
        do {
            page = repricing.storedSince(
                    since,
                    new Window(START.plusSeconds(1), null),
                    read.isEmpty() ? null : CallPosition.after(read.get(read.size() - 1)),
                    7);
            read.addAll(page);
        } while (page.size() == 7);
        assertThat(read)
                .containsExactlyInAnyOrderElementsOf(late.subList(1, 20))
                .isSortedAccordingTo((a, b) -> b.startedAt().compareTo(a.startedAt()));
        assertThat(repricing.storedSince(repricing.oldestWrite().plusSeconds(60), Window.ALWAYS, null, 7))
                .isEmpty();
    }

    @ParameterizedTest
    @DisplayName(
            "finds calls whose transaction began long before it and ends after its last page, even if that waits for a lock")
    @ValueSource(booleans = {false, true})
    void longWrite(boolean waits) throws Exception {
        DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
        Store store = TestDatabases.opened(database);
        try (Connection writes = database.getConnection();
                Connection dba = database.getConnection();
                Statement insert = writes.createStatement();
                Statement lock = dba.createStatement()) {
            writes.setAutoCommit(false);
            dba.setAutoCommit(false);
            if (waits) {
                lock.execute("lock table llm_calls in share mode");
            }
            insert.execute("select 1");
            CompletableFuture<Void> written =
                    CompletableFuture.runAsync(() -> insertOld(insert), TestDatabases.THREADS);
            if (waits) {
                while (TestDatabases.count(database, WAITING) == 0) {
                    Thread.sleep(5);
                }
            } else {
                written.get(1, TimeUnit.MINUTES);
            }
            Thread.sleep(1000);
            Repricing repricing = Repricings.of(PRICES, new JpaUsageRepricing(store) {
                @Override
                public List<CallRecord> storedSince(Instant since, Window window, CallPosition after, int limit)
                        throws UsageStoreException {
                    try {
                        dba.rollback();
                        written.get(1, TimeUnit.MINUTES);
                        writes.commit();
                    } catch (Exception e) {
                        throw new UsageStoreException("the test failed", e);
                    }
                    return super.storedSince(since, window, after, limit);
                }
            });

            repricing.begin(Window.ALWAYS, false);
            RepricingStatus done = Repricings.awaitEnd(repricing);

            assertThat(done.state()).isEqualTo(RepricingState.DONE);
            assertThat(done.total().changes()).isOne();
        }
    }

    /** The row says that its transaction began nearly a minute before it did, which is just too early for a search from a minute ago. */
    private static void insertOld(Statement statement) {
        try {
            statement.execute("""
                    insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                        input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                        cost_source, status, created_at)
                    values (gen_random_uuid(), gen_random_uuid(), 'acme', 'chat', timestamptz '2026-05-01 00:00:00Z', 1, 'openai',
                        'gpt-4o-2024-08-06', 1000, 100, 0, 0, 0, 0, 'none', 'ok', now() - interval '59.5 s')""");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @DisplayName(
            "changes all calls of a page or none, with a pool without auto-commit too, and distinguishes an outage from other faults")
    @EnumSource(Database.class)
    void allOrNone(Database kind) throws Exception {
        DataSource database = TestDatabases.empty(kind);
        Unreliable unreliable = new Unreliable(new WithoutAutoCommit(database));
        Store store = TestDatabases.opened(unreliable);
        UsageRepricing repricing = new JpaUsageRepricing(store);
        CallRecord first = Calls.ok("acme", START).withCost(new Cost(usd("0"), CostSource.NONE));
        CallRecord second = Calls.ok("acme", START.plusSeconds(1)).withCost(new Cost(usd("0"), CostSource.NONE));
        new JpaUsageRepository(store).storeAll(List.of(first, second));
        TestDatabases.execute(database, "alter table llm_calls add constraint small check (cost_usd < 5)");

        assertThatThrownBy(() -> repricing.reprice(List.of(
                        new CostChange(first, new Cost(usd("1"), CostSource.PRICE_LIST)),
                        new CostChange(second, new Cost(usd("9"), CostSource.PRICE_LIST)))))
                .isInstanceOf(UsageStoreException.class)
                .isNotInstanceOf(StoreUnavailableException.class);
        assertThat(costs(database)).containsExactly("0E-10 none", "0E-10 none");
        assertThat(repricing.reprice(List.of(
                        new CostChange(first, new Cost(usd("1"), CostSource.PRICE_LIST)),
                        new CostChange(second, new Cost(usd("2"), CostSource.PRICE_LIST)))))
                .isEmpty();
        assertThat(costs(database)).containsExactly("1.0000000000 price-list", "2.0000000000 price-list");

        unreliable.down = true;
        assertThatThrownBy(() -> repricing.newestCalls(Window.ALWAYS, null, 1))
                .isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() ->
                        repricing.reprice(List.of(new CostChange(first, new Cost(usd("1"), CostSource.PRICE_LIST)))))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @Test
    @DisplayName("reports a connection that breaks as an outage, even though resetting the connection fails too")
    void breaks() throws Exception {
        Breaking breaking = new Breaking(TestDatabases.empty(Database.H2));
        Store store = TestDatabases.opened(breaking);
        CallRecord call = Calls.ok("acme", START).withCost(new Cost(usd("0"), CostSource.NONE));
        new JpaUsageRepository(store).store(call);
        breaking.breaks = true;

        assertThatThrownBy(() -> new JpaUsageRepricing(store)
                        .reprice(List.of(new CostChange(call, new Cost(usd("1"), CostSource.PRICE_LIST)))))
                .isInstanceOf(StoreUnavailableException.class);
    }

    @ParameterizedTest
    @DisplayName("does not make a repriced call look like another call when it is sent to the store again")
    @EnumSource(Database.class)
    void sentAgain(Database kind) throws Exception {
        Store store = TestDatabases.opened(TestDatabases.withTables(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord call = Calls.ok("acme", START).withCost(new Cost(usd("0"), CostSource.NONE));
        CallRecord other = Calls.ok("acme", START);
        repository.store(call);
        assertThat(new JpaUsageRepricing(store)
                        .reprice(List.of(new CostChange(call, new Cost(usd("1"), CostSource.PRICE_LIST)))))
                .isEmpty();

        repository.storeAgain(call);
        repository.storeAll(List.of(call, other));

        assertThat(Reports.latest(store, "acme", 10))
                .containsExactlyInAnyOrder(call.withCost(new Cost(usd("1"), CostSource.PRICE_LIST)), other);
        CallRecord another = new CallRecord(
                other.id(),
                new CallOrigin(other.callId(), "acme", "translate"),
                other.timing(),
                other.usage(),
                other.cost(),
                other.outcome());
        assertThatThrownBy(() -> repository.storeAgain(another)).isInstanceOf(UsageStoreException.class);
        assertThatThrownBy(() -> repository.storeAll(List.of(another))).isInstanceOf(UsageStoreException.class);
    }

    private static List<CallRecord> fill(Store store) throws UsageStoreException {
        Random random = new Random(1);
        List<CallRecord> calls = new ArrayList<>(ROWS);
        for (int i = 0; i < ROWS; i++) {
            calls.add(call(random, START.plusSeconds(27L * (i / 4))));
        }
        JpaUsageRepository repository = new JpaUsageRepository(store);
        for (int i = 0; i < ROWS; i += 1000) {
            repository.storeAll(calls.subList(i, i + 1000));
        }
        return calls;
    }

    private static CallRecord call(Random random, Instant startedAt) {
        String[][] models = {
            {"openai", "gpt-4o-2024-08-06"},
            {"anthropic", "claude-sonnet-4"},
            {"gcp.gemini", "gemini-2.5-flash"},
            {"", "gpt-4o"},
            {"somebody", "unknown"}
        };
        String[] model = models[random.nextInt(models.length)];
        boolean failed = random.nextInt(10) == 0;
        int input = random.nextInt(20_000);
        int output = random.nextInt(3_000);
        TokenCounts tokens = failed && random.nextBoolean()
                ? TokenCounts.ZERO
                : new TokenCounts(
                        input,
                        output,
                        random.nextInt(input + 1),
                        random.nextInt(input + 1),
                        random.nextInt(output + 1));
        CostSource source = CostSource.values()[random.nextInt(3)];
        return new CallRecord(
                UuidCreator.getTimeOrderedEpoch(),
                new CallOrigin(new UUID(random.nextLong(), random.nextLong()), "tenant " + random.nextInt(5), "chat"),
                new CallTiming(
                        startedAt,
                        Duration.ofMillis(random.nextInt(10_000)),
                        random.nextBoolean() ? null : Duration.ofMillis(random.nextInt(1000))),
                new CallUsage(model[0], model[1], tokens),
                new Cost(source == CostSource.NONE ? usd("0") : usd("0.0" + random.nextInt(1000)), source),
                new CallOutcome(failed ? CallStatus.ERROR : CallStatus.OK, failed ? "Billed" : null));
    }

    /** The cost of each call after the repricing, in the order of their ids, computed without any database. */
    private static List<String> expected(List<CallRecord> calls) {
        PriceList prices = Repricings.list(PRICES);
        return calls.stream()
                .map(call -> {
                    Cost cost = prices.costOf(Cost.UNKNOWN, call.usage(), call.startedAt());
                    boolean keeps = call.costSource() == CostSource.PROVIDER || cost.equals(Cost.UNKNOWN);
                    return keeps
                            ? call.costUsd() + " " + call.costSource().label()
                            : cost.usd() + " " + cost.source().label();
                })
                .toList();
    }

    private static List<String> costs(DataSource database) throws SQLException {
        List<String> costs = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select cost_usd, cost_source from llm_calls order by id")) {
            while (rows.next()) {
                costs.add(rows.getBigDecimal(1) + " " + rows.getString(2));
            }
        }
        return costs;
    }

    private static String checksum(String columns, DataSource database) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select " + columns + " from llm_calls order by id")) {
            int count = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                for (int i = 1; i <= count; i++) {
                    digest.update((rows.getString(i) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static BigDecimal usd(String text) {
        return new BigDecimal(text).setScale(CallRecord.COST_SCALE);
    }
}
