package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.f4b6a3.uuid.UuidCreator;
import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallPosition;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.ReportTimeoutException;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.TooManyBucketsException;
import dev.tokentally.usage.UncertainCalls;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Reports from a database")
class JdbcUsageReportsTest {

    private static final Instant START = Instant.parse("2026-10-24T20:00:00Z");

    /**
     * In UTF-16 an emoji comes before the full-width letter, and by code points it comes after it. Databases sort in neither
     * way.
     */
    private static final List<String> TENANTS = List.of("acme", "Acme", "ac-me", "Ａcme", "🦊", "zoë", "' or 1=1 --");

    private static final List<String> OPERATIONS = List.of("chat", "Chat", "résumé", "summarise");
    private static final List<String> MODELS = List.of("", "gpt-4o", "claude-sonnet-4", "mistral");

    private static final List<String> PROVIDERS = List.of("", "openai", "anthropic");
    private static final List<String> KINDS = List.of("chat", "embedding");

    /** Half of the calls have no user. */
    private static final List<String> USERS = List.of("anna", "Anna", "anna's \"other\" name\\");

    /** Keys and values that are like each other, and like the text that contains them. */
    private static final List<String> TAGS = List.of(
            "{\"team\":\"search\"}",
            "{\"team\":\"search\",\"teams\":\"all\"}",
            "{\"my.team\":\"search\",\"note\":\"\\\"team\\\":\\\"sales\\\"\"}",
            "{\"cost\":\"a\\\\\",\"team\":\"sa\\\\les\"}",
            "{\"note\":\"a\\\\\\\",\\\"team\\\":\\\"x\",\"team\":\"%\"}");

    private static final Dimension TEAM = Dimension.tag("team");

    private static final List<Dimension> DIMENSIONS =
            Stream.concat(Dimension.ALL.stream(), Stream.of(TEAM)).toList();

    private static final List<Map<Dimension, String>> FILTERS = List.of(
            Map.of(),
            Map.of(Dimension.OPERATION, "chat"),
            Map.of(Dimension.MODEL, ""),
            Map.of(Dimension.PROVIDER, "openai", Dimension.KIND, "embedding"),
            Map.of(
                    Dimension.PROVIDER,
                    "",
                    Dimension.MODEL,
                    "gpt-4o",
                    Dimension.OPERATION,
                    "Chat",
                    Dimension.KIND,
                    "chat"),
            Map.of(Dimension.TENANT, "acme"),
            Map.of(TEAM, "search"),
            Map.of(TEAM, "sa\\les"),
            Map.of(TEAM, ""),
            Map.of(TEAM, "sales"),
            Map.of(TEAM, "%"),
            Map.of(Dimension.USER, ""),
            Map.of(Dimension.USER, USERS.get(2)),
            Map.of(Dimension.SESSION, "s 1", Dimension.ENVIRONMENT, "production"),
            Map.of(Dimension.REQUESTED_MODEL, "gpt-4o"),
            Map.of(Dimension.REQUESTED_MODEL, ""),
            Map.of(Dimension.MODEL, "' or '1'='1"));

    private static final List<Window> WINDOWS = List.of(
            Window.ALWAYS,
            new Window(START.plusSeconds(7200), null),
            new Window(null, START.plusSeconds(7200)),
            new Window(START.plusSeconds(3600), START.plusSeconds(7200)),
            new Window(START.minusSeconds(7200), START.minusSeconds(3600)));

    @ParameterizedTest
    @DisplayName("every view has the sums over its calls")
    @EnumSource(Database.class)
    void figures(Database kind) throws UsageStoreException {
        for (long seed = 1; seed <= 3; seed++) {
            Store store = TestDatabases.opened(TestDatabases.pooled(kind));
            Oracle oracle = filled(store, seed, 300);
            UsageReports reports = Reports.of(store);
            for (Window window : WINDOWS) {
                for (String tenant : TENANTS) {
                    List<CallRecord> own = oracle.of(tenant, window);
                    same(reports.ofTenant(tenant, window), oracle.block(tenant, Dimension.OPERATION, own));
                    same(reports.byModel(tenant, window), oracle.report(List.of(Dimension.MODEL), own));
                }
                same(reports.byTenant(window), oracle.report(Dimension.TENANT, Dimension.OPERATION, window));
                same(reports.byOperation(window), oracle.report(Dimension.OPERATION, Dimension.TENANT, window));
                same(reports.byModelOfAll(window), oracle.report(Dimension.MODEL, null, window));
            }
        }
    }

    @OnOneJdk
    @ParameterizedTest
    @DisplayName("every question is answered with the sums over its calls, and the groups add up to the total")
    @EnumSource(Database.class)
    void questions(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Oracle oracle = filled(store, 9, 400);
        UsageReports reports = Reports.of(store);
        for (List<Dimension> dimensions : combinations()) {
            // Every filter with some of the dimensions; with the others, no filter and one filter.
            for (Map<Dimension, String> filters : dimensions.size() < 2 ? FILTERS : FILTERS.subList(0, 2)) {
                for (String tenant : Arrays.asList(null, "Acme")) {
                    Window window = WINDOWS.get(1);
                    List<CallRecord> calls = oracle.in(window).stream()
                            .filter(call -> tenant == null || call.tenantId().equals(tenant))
                            .filter(call -> Oracle.has(filters, call))
                            .toList();

                    UsageReport report = reports.report(new UsageQuestion(tenant, window, filters, dimensions));

                    same(report, oracle.report(dimensions, calls));
                    if (!dimensions.isEmpty()) {
                        addUp(report.blocks(), report.total());
                        report.blocks().stream()
                                .filter(block -> dimensions.size() > 1)
                                .forEach(block -> addUp(block.parts(), block));
                    }
                }
            }
        }
    }

    private static void addUp(List<UsageBlock> parts, UsageBlock whole) {
        List<Figures> each = parts.stream().map(UsageBlock::perCall).toList();
        Figures all = whole.perCall();
        assertThat(each.stream().mapToLong(Figures::totalCalls).sum()).isEqualTo(all.totalCalls());
        assertThat(each.stream().map(Figures::totalCostUsd).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo(all.totalCostUsd());
        assertThat(each.stream()
                        .mapToLong(figures -> figures.inputTokens().total())
                        .sum())
                .isEqualTo(all.inputTokens().total());
        assertThat(each.stream()
                        .mapToLong(figures -> figures.outputTokens().total())
                        .sum())
                .isEqualTo(all.outputTokens().total());
    }

    /** No dimension, each single one, and each two in both orders. */
    private static List<List<Dimension>> combinations() {
        List<List<Dimension>> combinations = new ArrayList<>();
        combinations.add(List.of());
        for (Dimension first : DIMENSIONS) {
            combinations.add(List.of(first));
            DIMENSIONS.stream()
                    .filter(second -> !second.equals(first))
                    .forEach(second -> combinations.add(List.of(first, second)));
        }
        return combinations;
    }

    @ParameterizedTest
    @DisplayName("an empty store has zeros")
    @EnumSource(Database.class)
    void empty(Database kind) throws UsageStoreException {
        UsageReports reports = Reports.of(TestDatabases.opened(TestDatabases.pooled(kind)));

        assertThat(reports.ofTenant("acme", Window.ALWAYS))
                .isEqualTo(new UsageBlock("acme", Figures.ZERO, Figures.ZERO, List.of()));
        assertThat(reports.byTenant(Window.ALWAYS))
                .isEqualTo(new UsageReport(List.of(), new UsageBlock(null, Figures.ZERO, Figures.ZERO, List.of())));
        assertThat(reports.seriesOfAll(series(Window.ALWAYS, Bucket.DAY, "UTC", null)))
                .isEmpty();
        assertThat(reports.callsOfAll(CallFilter.ALL, null, 10)).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("calls without a value are one group, whether a script has written no value or an empty one")
    @EnumSource(Database.class)
    void withoutValue(Database kind) throws Exception {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        repository.store(call(1, CallStatus.OK, CostSource.PRICE_LIST));
        TestDatabases.execute(
                database,
                "update llm_calls set user_id = '', session_id = '', environment = '', tags = '{\"team\":\"\"}'");
        repository.store(call(2, CallStatus.OK, CostSource.PRICE_LIST));
        UsageReports reports = Reports.of(store);

        for (Dimension dimension : List.of(Dimension.USER, Dimension.SESSION, Dimension.ENVIRONMENT, TEAM)) {
            UsageQuestion question = new UsageQuestion("acme", Window.ALWAYS).by(dimension);
            assertThat(reports.report(question).blocks())
                    .as(dimension.label())
                    .extracting(UsageBlock::name)
                    .containsOnlyNulls()
                    .hasSize(1);
            assertThat(reports.report(question.where(dimension, ""))
                            .total()
                            .perCall()
                            .totalCalls())
                    .isEqualTo(2);
            assertThat(reports.seriesOfAll(series(Window.ALWAYS, Bucket.MONTH, "UTC", dimension)))
                    .filteredOn(bucket -> bucket.figures().totalCalls() > 0)
                    .singleElement()
                    .satisfies(bucket -> assertThat(bucket.groups()).hasSize(1));
        }
        String[] values = new String[Combination.COLUMNS.size()];
        Arrays.fill(values, "");
        Combination empty = new Combination(Arrays.asList(values));
        assertThat(empty.of(Dimension.ENVIRONMENT)).isNull();
        assertThat(List.of(
                        empty.of(Dimension.MODEL), empty.of(Dimension.PROVIDER), empty.of(Dimension.REQUESTED_MODEL)))
                .containsOnly("");
    }

    @ParameterizedTest
    @DisplayName("an invocation is uncertain for each reason that any of its calls has, even a failed one")
    @EnumSource(Database.class)
    void uncertain(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        repository.store(call(1, CallStatus.OK, CostSource.PARTIAL));
        repository.store(call(1, CallStatus.OK, CostSource.PARTIAL));
        repository.store(call(1, CallStatus.ERROR, CostSource.MAYBE_BILLED));
        repository.store(call(2, CallStatus.OK, CostSource.NONE));
        repository.store(call(2, CallStatus.ERROR, CostSource.PARTIAL));
        repository.store(call(3, CallStatus.ERROR, CostSource.NONE, TokenCounts.ZERO));
        repository.store(call(4, CallStatus.OK, CostSource.PRICE_LIST));
        repository.store(call(4, CallStatus.OK, CostSource.PROVIDER));

        UsageBlock block = Reports.of(store).byTenant(Window.ALWAYS).total();
        assertThat(block.perCall().uncertainCalls()).isEqualTo(new UncertainCalls(1, 3, 1));
        assertThat(block.perInvocation().uncertainCalls()).isEqualTo(new UncertainCalls(1, 2, 1));
        assertThat(Reports.of(store).byModelOfAll(Window.ALWAYS).total().perInvocation())
                .isEqualTo(block.perInvocation());
        assertThat(Reports.of(store)
                        .seriesOfAll(series(Window.ALWAYS, Bucket.DAY, "UTC", null))
                        .get(0)
                        .figures()
                        .uncertainCalls())
                .isEqualTo(new UncertainCalls(1, 3, 1));
    }

    @ParameterizedTest
    @DisplayName(
            "a failed call with tokens and without a price makes the cost inexact, but does not count as an answered call without a price")
    @EnumSource(Database.class)
    void billedFailure(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        repository.store(call(1, CallStatus.ERROR, CostSource.NONE, new TokenCounts(3, 0, 0, 0, 0)));
        repository.store(call(1, CallStatus.OK, CostSource.PRICE_LIST));
        repository.store(call(2, CallStatus.ERROR, CostSource.NONE, new TokenCounts(0, 3, 0, 0, 0)));
        repository.store(call(2, CallStatus.ERROR, CostSource.NONE, TokenCounts.ZERO));
        repository.store(call(3, CallStatus.ERROR, CostSource.PRICE_LIST));

        UsageBlock total = Reports.of(store).byTenant(Window.ALWAYS).total();
        SeriesFigures day = Reports.of(store)
                .seriesOfAll(series(Window.ALWAYS, Bucket.DAY, "UTC", null))
                .get(0)
                .figures();
        assertThat(List.of(
                        total.perCall().uncertainCalls(), total.perInvocation().uncertainCalls(), day.uncertainCalls()))
                .containsOnly(new UncertainCalls(2, 0, 0));
        assertThat(List.of(
                        total.perCall().unpricedCalls(), total.perInvocation().unpricedCalls(), day.unpricedCalls()))
                .containsOnly(0L);
    }

    private static CallRecord call(int callId, CallStatus status, CostSource source) {
        return call(callId, status, source, new TokenCounts(1, 1, 0, 0, 0));
    }

    private static CallRecord call(int callId, CallStatus status, CostSource source, TokenCounts tokens) {
        return new CallRecord(
                UUID.randomUUID(),
                new CallOrigin(new UUID(7, callId), "acme", "chat"),
                new CallTiming(START, Duration.ofMillis(5), null),
                new CallUsage("", "gpt-4o", tokens),
                new Cost(new BigDecimal("0E-10"), source),
                new CallOutcome(status, status == CallStatus.OK ? null : "TimeoutException"));
    }

    @ParameterizedTest
    @DisplayName("a window's end between two microseconds is not rounded down to the call before it")
    @EnumSource(Database.class)
    void nanoseconds(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Instant start = START.plusNanos(1000);
        new JpaUsageRepository(store).store(call(new Random(1), "acme", start));
        UsageReports reports = Reports.of(store);

        assertThat(reports.ofTenant("acme", new Window(start.plusNanos(400), null))
                        .perCall()
                        .totalCalls())
                .isZero();
        assertThat(reports.ofTenant("acme", new Window(null, start.plusNanos(400)))
                        .perCall()
                        .totalCalls())
                .isOne();
        assertThat(reports.ofTenant("acme", new Window(start, start.plusNanos(1)))
                        .perCall()
                        .totalCalls())
                .isOne();
        assertThat(reports.ofTenant("acme", new Window(null, start)).perCall().totalCalls())
                .isZero();
    }

    @ParameterizedTest
    @DisplayName("a series has the sums over the calls of each bucket, with and without groups, in any zone")
    @EnumSource(Database.class)
    void series(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Oracle oracle = filled(store, 4, 300);
        UsageReports reports = Reports.of(store);
        for (String zone : List.of("UTC", "Europe/Amsterdam", "Asia/Kolkata")) {
            for (Bucket bucket : Bucket.values()) {
                for (Window window : WINDOWS) {
                    for (Dimension group : Stream.concat(Stream.of((Dimension) null), DIMENSIONS.stream())
                            .toList()) {
                        SeriesQuery query = series(window, bucket, zone, group);
                        check(query, reports.seriesOfAll(query), oracle.in(window));
                        check(query, reports.series("Acme", query), oracle.of("Acme", window));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName(
            "a series has only the calls that meet its filters, and begins with the first and ends with the last of them")
    @EnumSource(Database.class)
    void filteredSeries(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Oracle oracle = filled(store, 10, 300);
        UsageReports reports = Reports.of(store);
        for (Map<Dimension, String> filters : FILTERS) {
            SeriesQuery query =
                    new SeriesQuery(Window.ALWAYS, Bucket.HOUR, ZoneId.of("UTC"), Dimension.PROVIDER, filters);
            List<SeriesBucket> buckets = reports.seriesOfAll(query);
            check(
                    query,
                    buckets,
                    oracle.all().stream()
                            .filter(call -> Oracle.has(filters, call))
                            .toList());
            if (!buckets.isEmpty()) {
                assertThat(buckets.get(0).figures().totalCalls()).isPositive();
                assertThat(buckets.get(buckets.size() - 1).figures().totalCalls())
                        .isPositive();
            }
        }
    }

    @ParameterizedTest
    @DisplayName("a series without calls in a closed window has empty buckets from end to end")
    @EnumSource(Database.class)
    void emptyBuckets(Database kind) throws UsageStoreException {
        UsageReports reports = Reports.of(TestDatabases.opened(TestDatabases.pooled(kind)));
        Window day = new Window(Instant.parse("2026-10-24T22:00:00Z"), Instant.parse("2026-10-25T23:00:00Z"));

        assertThat(reports.series("acme", series(day, Bucket.HOUR, "Europe/Amsterdam", null)))
                .hasSize(25)
                .allSatisfy(bucket -> assertThat(bucket.figures()).isEqualTo(SeriesFigures.ZERO));
        assertThatThrownBy(() -> reports.seriesOfAll(series(
                        new Window(Instant.parse("2020-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z")),
                        Bucket.HOUR,
                        "UTC",
                        null)))
                .isInstanceOf(TooManyBucketsException.class);
    }

    @ParameterizedTest
    @DisplayName("calls come newest first, page by page, each of them once")
    @EnumSource(Database.class)
    void calls(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Oracle oracle = filled(store, 5, 300);
        UsageReports reports = Reports.of(store);
        CallRecord any = oracle.all().get(17);
        for (CallFilter filter : List.of(
                CallFilter.ALL,
                new CallFilter(WINDOWS.get(3), null, null, null, null),
                new CallFilter(Window.ALWAYS, "chat", null, null, null),
                new CallFilter(Window.ALWAYS, null, "", null, null),
                new CallFilter(Window.ALWAYS, null, null, CallStatus.ERROR, null),
                new CallFilter(Window.ALWAYS, FILTERS.get(3), null, null),
                new CallFilter(Window.ALWAYS, FILTERS.get(4), null, null),
                new CallFilter(Window.ALWAYS, null, null, null, any.callId()),
                new CallFilter(WINDOWS.get(1), any.operation(), any.model(), any.status(), any.callId()))) {
            List<CallRecord> paged = new ArrayList<>();
            CallPosition after = null;
            List<CallRecord> page;
            do {
                page = reports.callsOfAll(filter, after, 7);
                assertThat(page).isEqualTo(oracle.list(null, filter, after, 7));
                paged.addAll(page);
                after = page.isEmpty() ? after : CallPosition.after(page.get(page.size() - 1));
            } while (!page.isEmpty());

            assertThat(paged).isEqualTo(oracle.list(null, filter, null, 1000));
            assertThat(reports.calls("Acme", filter, null, 1000)).isEqualTo(oracle.list("Acme", filter, null, 1000));
        }
    }

    @ParameterizedTest
    @DisplayName(
            "a page after a position without a call, such as one at the end of all years or before the window, is right")
    @EnumSource(Database.class)
    void farPositions(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        Oracle oracle = filled(store, 6, 20);
        UsageReports reports = Reports.of(store);
        CallFilter late = new CallFilter(new Window(START, START.plusSeconds(7200)), null, null, null, null);
        for (String instant : List.of("9999-12-31T23:59:59.999999Z", "2026-10-25T12:00:00Z", "0001-01-01T00:00:00Z")) {
            CallPosition position = new CallPosition(Instant.parse(instant), new UUID(-1, -1));
            assertThat(reports.callsOfAll(late, position, 100)).isEqualTo(oracle.list(null, late, position, 100));
            assertThat(reports.calls("acme", CallFilter.ALL, position, 100))
                    .isEqualTo(oracle.list("acme", CallFilter.ALL, position, 100));
        }
    }

    @Test
    @DisplayName("a store that does not answer is reported as out of reach, even if all reader threads wait for it")
    void frozen() throws Exception {
        Frozen database = new Frozen(TestDatabases.empty(Database.H2));
        Store store = TestDatabases.opened(database);
        UsageReports reports = Reports.of(store);
        reports.byTenant(Window.ALWAYS);
        database.frozen = true;

        List<CompletableFuture<Duration>> asked = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            asked.add(CompletableFuture.supplyAsync(() -> refused(reports), TestDatabases.THREADS));
        }
        // This is not a measurement: without the deadline a report would never end.
        assertThat(asked)
                .allSatisfy(each -> assertThat(each.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(10)));
        database.thaw();

        assertThat(onceThereIsAReader(reports).blocks()).isEmpty();
    }

    private static Duration refused(UsageReports reports) {
        long before = System.nanoTime();
        assertThatThrownBy(() -> reports.byTenant(Window.ALWAYS))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("the store gave no answer");
        return Duration.ofNanos(System.nanoTime() - before);
    }

    /** Readers that were blocked need a moment until they are free again. */
    private static UsageReport onceThereIsAReader(UsageReports reports) throws UsageStoreException {
        for (int attempt = 1; ; attempt++) {
            try {
                return reports.byTenant(Window.ALWAYS);
            } catch (StoreUnavailableException notYet) {
                if (attempt == 10) {
                    throw notYet;
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("a report that takes too long is cancelled in the database, and the exception names the setting")
    @EnumSource(Database.class)
    void tooLong(Database kind) throws Exception {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        new JpaUsageRepository(store).store(call(new Random(1), "acme", START));
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("alter table llm_calls rename to those_calls");
            statement.execute(
                    switch (kind) {
                        case H2 -> slowOnH2();
                        case POSTGRESQL -> slowOnPostgres();
                    });
        }
        UsageReports reports = Reports.of(store, Map.of("tokentally.reports.max-time", "1s"));

        assertThatThrownBy(() -> reports.byTenant(Window.ALWAYS))
                .isInstanceOf(ReportTimeoutException.class)
                .hasMessageContaining("tokentally.reports.max-time");
    }

    @OnOneJdk
    @ParameterizedTest
    @DisplayName("a report whose rows arrive too slowly is ended, even if its statement was in time")
    @EnumSource(Database.class)
    void slowRows(Database kind) throws Exception {
        SlowRows database = new SlowRows(TestDatabases.empty(kind));
        Store store = TestDatabases.opened(database);
        filled(store, 7, 1000);
        UsageReports reports = Reports.of(store, Map.of("tokentally.reports.max-time", "1s"));
        database.pauseMillis = 5;

        assertThatThrownBy(() -> reports.byTenant(Window.ALWAYS)).isInstanceOf(ReportTimeoutException.class);

        int read;
        do {
            read = database.rows.get();
            Thread.sleep(500);
        } while (read < database.rows.get());
        assertThat(read).isLessThan(1000);
    }

    @ParameterizedTest
    @DisplayName("a connection goes back to its pool with its old settings, after a report and after a failed one")
    @EnumSource(Database.class)
    void connectionGivenBack(Database kind) throws Exception {
        SlowRows database = new SlowRows(TestDatabases.empty(kind));
        Store store = TestDatabases.opened(database);
        filled(store, 8, 300);
        UsageReports reports = Reports.of(store);
        database.readWithAutoCommit.clear();

        reports.byTenant(Window.ALWAYS);
        assertThat(database.closedWithAutoCommit).containsOnly(true);
        assertThat(database.readWithAutoCommit).containsExactly(false);

        database.failsAtRow = database.rows.get() + 200;
        assertThatThrownBy(() -> reports.byTenant(Window.ALWAYS)).isInstanceOf(UsageStoreException.class);
        assertThat(database.closedWithAutoCommit).hasSizeGreaterThan(1).containsOnly(true);
    }

    private static String slowOnH2() {
        return """
                create view llm_calls as select c.* from those_calls c
                union all select none.* from system_range(1, 1000000000) left join those_calls none on 1 = 0 where rand() > 2""";
    }

    private static String slowOnPostgres() {
        return "create view llm_calls as select * from those_calls where id is null or pg_sleep(20) is null";
    }

    private static void check(SeriesQuery query, List<SeriesBucket> buckets, List<CallRecord> calls) {
        for (int i = 1; i < buckets.size(); i++) {
            assertThat(buckets.get(i).start()).isEqualTo(buckets.get(i - 1).end());
        }
        int counted = 0;
        for (SeriesBucket bucket : buckets) {
            List<CallRecord> those = calls.stream()
                    .filter(call -> !call.startedAt().isBefore(bucket.start())
                            && call.startedAt().isBefore(bucket.end()))
                    .toList();
            counted += those.size();
            same(bucket.figures(), Oracle.sums(those));
            Map<Optional<String>, List<CallRecord>> groups =
                    query.group() == null ? Map.of() : Oracle.groups(query.group(), those);
            assertThat(bucket.groups())
                    .hasSameSizeAs(groups.keySet())
                    .allSatisfy(
                            group -> same(group.figures(), Oracle.sums(groups.get(Optional.ofNullable(group.name())))));
        }
        assertThat(counted).isEqualTo(calls.size());
    }

    private static void same(Object actual, Object expected) {
        SameFigures.check(actual, expected);
    }

    private static SeriesQuery series(Window window, Bucket bucket, String zone, Dimension group) {
        return new SeriesQuery(window, bucket, ZoneId.of(zone), group);
    }

    /** There are few call ids, so that many calls share one, also across tenants, operations, models and windows. */
    private static Oracle filled(Store store, long seed, int count) throws UsageStoreException {
        Random random = new Random(seed);
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Instant start = START.plusSeconds(random.nextInt(24) * 600L).plusNanos(random.nextInt(3) * 1000L);
            calls.add(call(random, TENANTS.get(random.nextInt(TENANTS.size())), start));
        }
        new JpaUsageRepository(store).storeAll(calls);
        return new Oracle(calls);
    }

    private static CallRecord call(Random random, String tenant, Instant start) {
        boolean ok = random.nextInt(4) > 0;
        CostSource source = CostSource.values()[random.nextInt(CostSource.values().length)];
        boolean priced = source != CostSource.NONE && source != CostSource.MAYBE_BILLED;
        return new CallRecord(
                random.nextBoolean() ? UuidCreator.getTimeOrderedEpoch() : UUID.randomUUID(),
                new CallOrigin(
                        new UUID(7, random.nextInt(40)),
                        tenant,
                        OPERATIONS.get(random.nextInt(OPERATIONS.size())),
                        oneOrNone(USERS, random),
                        oneOrNone(List.of("s 1", "s 2"), random),
                        oneOrNone(List.of("production", "test"), random),
                        oneOrNone(TAGS, random)),
                new CallTiming(start, Duration.ofMillis(random.nextInt(5000)), null),
                new CallUsage(
                        PROVIDERS.get(random.nextInt(PROVIDERS.size())),
                        MODELS.get(random.nextInt(MODELS.size())),
                        new TokenCounts(random.nextInt(1000), random.nextInt(500), 0, 0, 0),
                        "",
                        KINDS.get(random.nextInt(KINDS.size())),
                        oneOrNone(List.of("gpt-4o", "gpt-4o-mini"), random)),
                new Cost(
                        priced ? BigDecimal.valueOf(random.nextInt(5) * 1_234_567_891L, 10) : new BigDecimal("0E-10"),
                        source),
                new CallOutcome(ok ? CallStatus.OK : CallStatus.ERROR, ok ? null : "TimeoutException"));
    }

    private static String oneOrNone(List<String> values, Random random) {
        return random.nextBoolean() ? null : values.get(random.nextInt(values.size()));
    }

    /** A database that accepts connections and then does not answer. */
    private static final class Frozen extends DataSourceWrapper {

        private volatile boolean frozen;

        Frozen(DataSource wrapped) {
            super(wrapped);
        }

        @Override
        synchronized Connection prepared(Connection connection) throws SQLException {
            try {
                while (frozen) {
                    wait();
                }
                return connection;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted", e);
            }
        }

        synchronized void thaw() {
            frozen = false;
            notifyAll();
        }
    }
}
