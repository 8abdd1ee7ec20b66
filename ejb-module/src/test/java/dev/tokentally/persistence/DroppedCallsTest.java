package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.TooManyBucketsException;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("Reports after calls were dropped")
class DroppedCallsTest {

    private static final List<List<Dimension>> GROUPS = List.of(
            List.of(),
            List.of(Dimension.OPERATION),
            List.of(Dimension.TENANT, Dimension.OPERATION),
            List.of(Dimension.MODEL),
            List.of(Dimension.KIND, Dimension.ENVIRONMENT));

    /** Two whole months and the ends of two more. */
    private static final Duration SPAN = Duration.ofDays(80);

    private final Random random = new Random(45);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);

    /** The quarters up to the last call are over, so they get rollups. */
    private final Instant last = now.minus(Duration.ofMinutes(20));

    private DataSource database;
    private Store store;
    private JpaUsageRepository repository;
    private UsageReports reports;
    private RollupUpkeep upkeep;

    /** The same calls in a store that drops none, without rollups. */
    private JpaUsageRepository allCalls;

    private UsageReports expected;
    private Store all;

    @ParameterizedTest
    @DisplayName(
            "equal those of a store that keeps them, though days go, kept calls change, invocations cross every border, and rollups are split")
    @MethodSource("databases")
    void equal(Database kind, boolean isPartitioned, long cellBytes) throws Exception {
        open(kind, isPartitioned);
        upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE, cellBytes);
        List<CallRecord> calls = RollupsTest.calls(random, 500, now.minus(SPAN), last);
        store(calls);
        upkeep.upToDate();
        for (int days : new int[] {58, 44, 31, 3}) {
            Instant keptFrom = drop(days);
            same(keptFrom, 15);
            reprice(calls, keptFrom);
            store(RollupsTest.calls(random, 20, keptFrom, last));
            same(keptFrom, 10);
            upkeep.upToDate();
            same(keptFrom, 15);
        }
    }

    /** Rollups are split on each database once, on PostgreSQL with partitions. */
    static Stream<Arguments> databases() {
        return Stream.of(Database.values())
                .flatMap(kind -> Stream.of(
                        Arguments.of(kind, false, 100_000_000L),
                        Arguments.of(kind, !kind.dialect().partitioning().isEmpty(), 8000L)));
    }

    @ParameterizedTest
    @DisplayName("have them if a filter names the tenant, instead of the question")
    @EnumSource(Database.class)
    void tenantFilter(Database kind) throws Exception {
        openWithDroppedCalls(kind);

        UsageQuestion named = new UsageQuestion("acme", Window.ALWAYS).by(Dimension.MODEL);
        UsageQuestion filtered = new UsageQuestion(null, Window.ALWAYS)
                .where(Dimension.TENANT, "acme")
                .by(Dimension.MODEL);
        assertThat(reports.report(filtered)).isEqualTo(reports.report(named));
        SameFigures.checkExactly("", reports.report(filtered), expected.report(named));
        assertThat(reports.callsKeptFrom(filtered)).isNull();
        UsageQuestion other = new UsageQuestion("Acme", Window.ALWAYS).where(Dimension.TENANT, "acme");
        assertThat(reports.report(other).total().perCall().totalCalls()).isZero();
    }

    @ParameterizedTest
    @DisplayName("say so if a node did not know yet that calls were dropped")
    @EnumSource(Database.class)
    void staleNode(Database kind) throws Exception {
        open(kind, true);
        Store other = TestDatabases.store(Map.of());
        other.open(database);
        store(RollupsTest.calls(random, 60, now.minus(SPAN), last));
        upkeep.upToDate();
        UsageReports others = Reports.of(other);
        Instant cut = now.minus(SPAN).truncatedTo(ChronoUnit.DAYS).plus(7, ChronoUnit.MINUTES);
        UsageQuestion question = new UsageQuestion(null, new Window(cut, null));
        others.report(question);
        assertThat(others.callsKeptFrom(question)).isNull();

        Instant keptFrom = drop(10);

        others.report(question);
        assertThat(others.callsKeptFrom(question)).isEqualTo(keptFrom);
    }

    @ParameterizedTest
    @DisplayName("say so if the buckets of a series cut quarters of an hour")
    @EnumSource(Database.class)
    void cutSeries(Database kind) throws Exception {
        Instant keptFrom = openWithDroppedCalls(kind);

        for (String zone : List.of("+05:07", "UTC", "Asia/Kathmandu")) {
            SeriesQuery query = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneId.of(zone), null);
            List<SeriesBucket> answer = reports.seriesOfAll(query);
            Instant lacks = reports.callsKeptFrom(null, query);
            if (zone.equals("+05:07")) {
                assertThat(lacks).isEqualTo(keptFrom);
            } else {
                assertThat(lacks).as(zone).isNull();
                SameFigures.checkExactly(zone, answer, expected.seriesOfAll(query));
            }
        }
    }

    @ParameterizedTest
    @DisplayName("begin and end a series with the calls of its filter")
    @EnumSource(Database.class)
    void filteredSeries(Database kind) throws Exception {
        openWithDroppedCalls(kind);

        for (Dimension dimension :
                List.of(Dimension.OPERATION, Dimension.MODEL, Dimension.ENVIRONMENT, Dimension.TENANT)) {
            for (String value : List.of("chat", "gpt-4o", "production", "🦊", "nothing")) {
                for (Window window : List.of(
                        Window.ALWAYS,
                        new Window(null, now.truncatedTo(ChronoUnit.DAYS)),
                        new Window(now.minus(Duration.ofDays(30)).truncatedTo(ChronoUnit.DAYS), null))) {
                    SeriesQuery query =
                            new SeriesQuery(window, Bucket.DAY, ZoneOffset.UTC, null, Map.of(dimension, value));
                    SameFigures.checkExactly(query.toString(), reports.seriesOfAll(query), expected.seriesOfAll(query));
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("have a series of the calls of a filter, however long ago other calls were dropped")
    @EnumSource(Database.class)
    void filteredSeriesAfterLongAgo(Database kind) throws Exception {
        open(kind, false);
        List<CallRecord> calls = new ArrayList<>();
        calls.add(RollupsTest.call(random, UUID.randomUUID(), "Acme", "old", now.minus(Duration.ofDays(500))));
        for (int days : new int[] {50, 49, 7}) {
            calls.add(RollupsTest.call(random, UUID.randomUUID(), "acme", "new", now.minus(Duration.ofDays(days))));
        }
        store(calls);
        upkeep.upToDate();
        drop(10);

        for (Map<Dimension, String> filters : List.of(
                Map.of(Dimension.OPERATION, "new"),
                Map.of(Dimension.TENANT, "acme"),
                Map.of(Dimension.TENANT, "acme", Dimension.OPERATION, "new"),
                Map.of(Dimension.OPERATION, "old"),
                Map.of(Dimension.OPERATION, "none"))) {
            for (Window window : List.of(Window.ALWAYS, new Window(null, now))) {
                SeriesQuery query = new SeriesQuery(window, Bucket.HOUR, ZoneOffset.UTC, null, filters);
                if (window.to() != null && filters.containsValue("old")) {
                    assertThatThrownBy(() -> reports.seriesOfAll(query)).isInstanceOf(TooManyBucketsException.class);
                    continue;
                }
                List<SeriesBucket> answer = reports.seriesOfAll(query);
                assertThat(reports.callsKeptFrom(null, query)).isNull();
                SameFigures.checkExactly(query.toString(), answer, expected.seriesOfAll(query));
            }
        }
        SeriesQuery all = new SeriesQuery(Window.ALWAYS, Bucket.HOUR, ZoneOffset.UTC, null);
        assertThatThrownBy(() -> reports.seriesOfAll(all)).isInstanceOf(TooManyBucketsException.class);
    }

    @ParameterizedTest
    @DisplayName("need the quarters of a damaged day, and say so if these are damaged, too")
    @EnumSource(Database.class)
    void damaged(Database kind) throws Exception {
        open(kind, false);
        int month = Unit.MONTH.start(Unit.MONTH.start(Unit.quarter(now)) - 1);
        Instant day = Unit.instant(month).plus(5, ChronoUnit.DAYS);
        List<CallRecord> calls = RollupsTest.calls(random, 60, now.minus(SPAN), last);
        for (String tenant : List.of("acme", "Acme")) {
            UUID callId = UUID.randomUUID();
            for (int hours : new int[] {1, 3}) {
                calls.add(RollupsTest.call(random, callId, tenant, "chat", day.plus(hours, ChronoUnit.HOURS)));
            }
        }
        store(calls);
        upkeep.upToDate();
        Instant keptFrom = drop(daysSince(day.plus(5, ChronoUnit.DAYS)));
        String ofThatDay = " where tenant_id = 'acme' and starts >= " + Unit.quarter(day) + " and starts < "
                + (Unit.quarter(day) + 96);

        execute("update tokentally_rollups set cell = ''" + ofThatDay + " and unit = 1");
        makeAgain(month);
        isTheSame(new UsageQuestion(null, Window.ALWAYS).by(Dimension.TENANT, Dimension.MODEL));

        execute("update tokentally_rollups set cell = ''" + ofThatDay);
        for (int times = 0; times < 2; times++) {
            try (CapturedLog log = CapturedLog.of(IntervalCells.class.getName())) {
                makeAgain(month);
                assertThat(log.messages()).anySatisfy(line -> assertThat(line)
                        .contains("tenant acme", "QUARTER from " + day.plus(1, ChronoUnit.HOURS)));
            }
            isTheSame(new UsageQuestion("Acme", Window.ALWAYS).by(Dimension.MODEL));
            isTheSame(new UsageQuestion("acme", new Window(null, day)));
            isTheSame(new UsageQuestion("acme", new Window(day.plus(1, ChronoUnit.DAYS), null)));
            UsageQuestion ofMonth = new UsageQuestion("acme", new Window(Unit.instant(month), null));
            reports.report(ofMonth);
            assertThat(reports.callsKeptFrom(ofMonth)).isEqualTo(keptFrom);
        }
    }

    /** Lets the maker close the month once more, and all that comes later. */
    private void makeAgain(int month) throws Exception {
        int quarter = Unit.MONTH.end(month) - 1;
        execute("update tokentally_rollup_state set closing = " + quarter + ", closed = " + quarter + " where id = 1");
        execute("delete from tokentally_rollups where starts >= " + quarter + " or unit = 2 and starts >= " + month);
        assertThat(upkeep.upToDate()).isTrue();
    }

    @ParameterizedTest
    @DisplayName("say from when on they have figures if the rollups were dropped, too")
    @EnumSource(Database.class)
    void droppedRollups(Database kind) throws Exception {
        Instant keptFrom = openWithDroppedCalls(kind);
        Instant rollupsFrom = now.minus(Duration.ofDays(42))
                .atOffset(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.DAYS)
                .withDayOfMonth(1)
                .toInstant();
        UsageQuestion question = new UsageQuestion(null, Window.ALWAYS);
        UsageQuestion later = new UsageQuestion(null, new Window(rollupsFrom, null));
        SeriesQuery series = new SeriesQuery(Window.ALWAYS, Bucket.MONTH, ZoneOffset.UTC, null);
        reports.report(question);
        assertThat(reports.callsKeptFrom(question)).isNull();

        retention(Map.of("tokentally.retention.calls", "10d", "tokentally.retention.rollups", "42d"))
                .round();

        reports.report(question);
        assertThat(reports.callsKeptFrom(question)).isEqualTo(rollupsFrom).isBefore(keptFrom);
        reports.seriesOfAll(series);
        assertThat(reports.callsKeptFrom(null, series)).isEqualTo(rollupsFrom);
        SameFigures.checkExactly("", reports.report(later), expected.report(later));
        assertThat(reports.callsKeptFrom(later)).isNull();
    }

    @ParameterizedTest
    @DisplayName(
            "count an invocation once that comes back between two drops, and had a dropped and a kept call in one month")
    @MethodSource("dev.tokentally.persistence.TestDatabases#withAndWithoutPartitions")
    void comesBackBetweenDrops(Database kind, boolean isPartitioned) throws Exception {
        open(kind, isPartitioned);
        Instant month = Unit.instant(Unit.MONTH.start(Unit.quarter(now.minus(Duration.ofDays(45)))));
        UUID callId = UUID.randomUUID();
        store(List.of(callOf(callId, month.plus(Duration.ofDays(4))), callOf(callId, month.plus(Duration.ofDays(19)))));
        upkeep.upToDate();
        drop(daysSince(month) - 9);

        store(List.of(callOf(callId, last)));
        upkeep.upToDate();
        drop(daysSince(month.plus(Duration.ofDays(31))));

        isTheSame(new UsageQuestion("acme", new Window(month, null)));
    }

    @ParameterizedTest
    @DisplayName("count an invocation once whose later calls were in no rollup yet, as nothing is dropped before")
    @EnumSource(Database.class)
    void laterCallsWithoutRollup(Database kind) throws Exception {
        open(kind, false);
        Instant midnight = now.minus(Duration.ofDays(3)).truncatedTo(ChronoUnit.DAYS);
        UUID callId = UUID.randomUUID();
        store(List.of(callOf(callId, midnight.minusSeconds(10))));
        upkeep.upToDate();
        int closed = Unit.quarter(midnight);
        execute("update tokentally_rollup_state set closing = " + closed + ", closed = " + closed + " where id = 1");
        store(List.of(callOf(callId, midnight.plusSeconds(10))));

        isKeptOnceItIsRolledUp(midnight);

        isTheSame(new UsageQuestion("acme", Window.ALWAYS));
    }

    @ParameterizedTest
    @DisplayName(
            "count an invocation once whose later calls came late, as nothing is dropped before they are in a rollup")
    @EnumSource(Database.class)
    void laterCallsInAChangedInterval(Database kind) throws Exception {
        open(kind, false);
        Instant midnight = now.minus(Duration.ofDays(3)).truncatedTo(ChronoUnit.DAYS);
        UUID callId = UUID.randomUUID();
        store(List.of(callOf(callId, midnight.minusSeconds(10))));
        upkeep.upToDate();
        store(List.of(callOf(callId, midnight.plusSeconds(10))));

        isKeptOnceItIsRolledUp(midnight);

        isTheSame(new UsageQuestion("acme", Window.ALWAYS));
    }

    private void isKeptOnceItIsRolledUp(Instant midnight) throws Exception {
        RetentionJob retention = retention(Map.of("tokentally.retention.calls", "3d"));
        // On H2 the first round has the rollups before that time made again.
        retention.round();
        execute("delete from tokentally_rollup_marks where starts < " + Unit.quarter(midnight));
        retention.round();
        assertThat(store.keptFrom().known()).isNull();

        upkeep.upToDate();
        retention.round();
        upkeep.upToDate();
        retention.round();
        assertThat(store.keptFrom().known()).isEqualTo(midnight);
    }

    private void isTheSame(UsageQuestion question) throws Exception {
        UsageReport answer = reports.report(question);
        assertThat(reports.callsKeptFrom(question)).isNull();
        SameFigures.checkExactly(question.toString(), answer, expected.report(question));
    }

    private CallRecord callOf(UUID callId, Instant at) {
        return RollupsTest.call(random, callId, "acme", "chat", at);
    }

    /** So many days of retention keep the calls from the start of that day on. */
    private int daysSince(Instant day) {
        return (int) Duration.between(day, now).toDays();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @ParameterizedTest
    @DisplayName("may be a series whose buckets take thousands of parts from rollups")
    @EnumSource(Database.class)
    void manyParts(Database kind) throws Exception {
        Instant keptFrom = openWithDroppedCalls(kind);
        Window sinceLongAgo = new Window(Instant.parse("1200-01-01T00:00:00Z"), null);
        for (String tenant : Arrays.asList(null, "acme")) {
            SeriesQuery months = new SeriesQuery(
                    sinceLongAgo, Bucket.MONTH, ZoneId.of("Europe/Berlin"), Dimension.OPERATION, Map.of());
            List<SeriesBucket> answer = series(reports, tenant, months);
            assertThat(answer).hasSizeGreaterThan(9900);
            SameFigures.checkExactly(months.toString(), answer, series(expected, tenant, months));

            SeriesQuery hours = hours(new Window(now.minus(Duration.ofDays(400)), keptFrom));
            List<SeriesBucket> inHours = series(reports, tenant, hours);
            assertThat(reports.callsKeptFrom(tenant, hours)).isEqualTo(keptFrom);
            List<SeriesBucket> inPieces = new ArrayList<>();
            Instant end = keptFrom;
            for (int to = inHours.size(); !end.isBefore(now.minus(SPAN)); to -= 500) {
                Instant start = inHours.get(to - 500).start();
                inPieces.addAll(0, series(reports, tenant, hours(new Window(start, end))));
                end = start;
            }
            assertThat(inHours).hasSizeGreaterThan(8000);
            assertThat(inPieces).anyMatch(bucket -> bucket.figures().totalCalls() > 0);
            int before = inHours.size() - inPieces.size();
            assertThat(inHours.subList(0, before))
                    .allMatch(bucket -> bucket.figures().totalCalls() == 0);
            SameFigures.checkExactly(hours.toString(), inHours.subList(before, inHours.size()), inPieces);
        }
    }

    /** Each bucket begins within a quarter of an hour, so no two of them have neighbouring parts. */
    private static SeriesQuery hours(Window window) {
        return new SeriesQuery(window, Bucket.HOUR, ZoneId.of("+00:07"), null);
    }

    private static List<SeriesBucket> series(UsageReports reports, String tenant, SeriesQuery query) throws Exception {
        return tenant == null ? reports.seriesOfAll(query) : reports.series(tenant, query);
    }

    @ParameterizedTest
    @DisplayName("begin a series with the first call that is kept, also while older calls are still to be dropped")
    @EnumSource(Database.class)
    void soonDropped(Database kind) throws Exception {
        open(kind, false);
        store(RollupsTest.calls(random, 60, now.minus(SPAN), last));
        upkeep.upToDate();
        RetentionJob waiting = new RetentionJob(
                store,
                new Settings(new MapConfig(Map.of("tokentally.retention.calls", "10d"))),
                Clock.fixed(now, ZoneOffset.UTC),
                Duration.ofHours(1));
        // On H2 the first round has the rollups made again.
        waiting.round();
        upkeep.upToDate();
        waiting.round();
        Instant keptFrom = store.with(store.keptFrom()::read).keptFrom();
        assertThat(keptFrom).isNotNull();
        boolean areAllThere = store.with(
                connection -> Sql.of("select count(*) = 60 from llm_calls").isTrue(connection));
        assertThat(areAllThere).isTrue();

        for (Dimension group : List.of(Dimension.USER, Dimension.OPERATION)) {
            SeriesQuery query = new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, group);
            List<SeriesBucket> answer = reports.seriesOfAll(query);
            if (group.equals(Dimension.USER)) {
                SeriesQuery kept = new SeriesQuery(new Window(keptFrom, null), Bucket.DAY, ZoneOffset.UTC, group);
                SameFigures.checkExactly("", answer, withoutEmptyStart(expected.seriesOfAll(kept)));
                assertThat(reports.callsKeptFrom(null, query)).isEqualTo(keptFrom);
            } else {
                SameFigures.checkExactly("", answer, expected.seriesOfAll(query));
            }
        }
        assertThat(reports.seriesOfAll(
                        new SeriesQuery(new Window(null, keptFrom), Bucket.DAY, ZoneOffset.UTC, Dimension.USER)))
                .isEmpty();
        SeriesQuery hours = new SeriesQuery(Window.ALWAYS, Bucket.HOUR, ZoneOffset.UTC, Dimension.USER);
        assertThat(reports.seriesOfAll(hours)).hasSizeLessThanOrEqualTo(11 * 24);
    }

    private static List<SeriesBucket> withoutEmptyStart(List<SeriesBucket> buckets) {
        return buckets.stream()
                .dropWhile(bucket -> bucket.figures().totalCalls() == 0)
                .toList();
    }

    /** Returns from when on calls are kept. */
    private Instant openWithDroppedCalls(Database kind) throws Exception {
        open(kind, true);
        store(RollupsTest.calls(random, 60, now.minus(SPAN), last));
        upkeep.upToDate();
        return drop(10);
    }

    private void open(Database kind, boolean isPartitioned) throws Exception {
        store = TestDatabases.store(Map.of("tokentally.partitions", String.valueOf(isPartitioned)));
        database = TestDatabases.pooled(isPartitioned ? TestDatabases.withTables(kind) : TestDatabases.empty(kind));
        store.open(database);
        upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);
        new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce();
        repository = new JpaUsageRepository(store);
        reports = Reports.of(store);
        all = TestDatabases.opened(TestDatabases.pooled(kind));
        allCalls = new JpaUsageRepository(all);
        expected = Reports.of(all, Map.of("tokentally.rollups", "false"));
    }

    private void store(List<CallRecord> calls) throws Exception {
        repository.storeAll(calls);
        allCalls.storeAll(calls);
    }

    private Instant drop(int days) throws Exception {
        RetentionJob retention = retention(Map.of("tokentally.retention.calls", days + "d"));
        // On H2 the first round has the rollups made again.
        retention.round();
        upkeep.upToDate();
        // All calls are in rollups then, so ids can be forgotten.
        int beyond = Unit.quarter(now) + 2;
        execute("update tokentally_rollup_state set closing = " + beyond + ", closed = " + beyond + " where id = 1");
        assertThat(retention.round()).isTrue();
        return store.keptFrom().known();
    }

    private RetentionJob retention(Map<String, String> config) {
        return new RetentionJob(
                store, new Settings(new MapConfig(config)), Clock.fixed(now, ZoneOffset.UTC), Duration.ZERO);
    }

    private void reprice(List<CallRecord> calls, Instant keptFrom) throws Exception {
        List<CostChange> changes = new ArrayList<>();
        for (CallRecord call : calls) {
            if (!call.startedAt().isBefore(keptFrom)
                    && call.costSource() != CostSource.PROVIDER
                    && random.nextInt(10) == 0) {
                changes.add(new CostChange(
                        call, new Cost(BigDecimal.valueOf(random.nextInt(99), 10), CostSource.PRICE_LIST)));
            }
        }
        new JpaUsageRepricing(store).reprice(changes);
        new JpaUsageRepricing(all).reprice(changes);
    }

    private void same(Instant keptFrom, int number) throws Exception {
        for (int i = 0; i < number; i++) {
            UsageQuestion question = new UsageQuestion(
                    random.nextInt(3) == 0 ? "acme" : null,
                    window(keptFrom),
                    random.nextInt(3) == 0 ? Map.of(Dimension.OPERATION, "chat") : Map.of(),
                    GROUPS.get(random.nextInt(GROUPS.size())));
            UsageReport answer = reports.report(question);
            assertThat(reports.callsKeptFrom(question)).as(question.toString()).isNull();
            SameFigures.checkExactly(
                    "calls are kept from " + keptFrom + ", " + question, answer, expected.report(question));
        }
    }

    private Window window(Instant keptFrom) {
        Instant one = edge(keptFrom);
        Instant other = edge(keptFrom);
        Instant from = one.isBefore(other) ? one : other;
        Instant to = one.isBefore(other) ? other : one;
        return new Window(
                random.nextInt(5) == 0 ? null : from,
                random.nextInt(5) == 0 ? null : to.equals(from) ? to.plusSeconds(900) : to);
    }

    private Instant edge(Instant keptFrom) {
        Instant any =
                now.minusSeconds(random.nextLong(SPAN.toSeconds() + 86_400)).plusSeconds(3600);
        return switch (random.nextInt(5)) {
            case 0 -> any.truncatedTo(ChronoUnit.DAYS);
            case 1 -> Unit.instant(Unit.MONTH.start(Unit.quarter(any)));
            case 2 -> keptFrom;
            case 3 -> any.isBefore(keptFrom) ? any.truncatedTo(ChronoUnit.HOURS) : any.truncatedTo(ChronoUnit.MICROS);
            default -> Unit.instant(Unit.quarter(any));
        };
    }
}
