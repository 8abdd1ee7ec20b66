package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("Reports from rollups equal reports from the calls")
class RollupsTest {

    private static final List<String> TENANTS = List.of("acme", "Acme", "🦊", "' or 1=1 --");
    private static final List<String> OPERATIONS = List.of("chat", "résumé");
    private static final List<String> MODELS = List.of("", "gpt-4o", "claude-sonnet-4");

    private static final List<List<Dimension>> GROUPS = List.of(
            List.of(),
            List.of(Dimension.OPERATION),
            List.of(Dimension.TENANT, Dimension.OPERATION),
            List.of(Dimension.OPERATION, Dimension.TENANT),
            List.of(Dimension.MODEL),
            List.of(Dimension.REQUESTED_MODEL, Dimension.PROVIDER),
            List.of(Dimension.KIND, Dimension.ENVIRONMENT),
            List.of(Dimension.USER));

    private static final List<Map<Dimension, String>> FILTERS = List.of(
            Map.of(),
            Map.of(),
            Map.of(Dimension.MODEL, ""),
            Map.of(Dimension.REQUESTED_MODEL, "gpt-4o"),
            Map.of(Dimension.ENVIRONMENT, ""),
            Map.of(Dimension.OPERATION, "chat", Dimension.PROVIDER, "openai"),
            Map.of(Dimension.TENANT, "acme"),
            Map.of(Dimension.SESSION, "s 1"));

    private static final List<String> ZONES = List.of("UTC", "Europe/Amsterdam", "Asia/Kathmandu", "America/St_Johns");

    /** Enough for a whole month. */
    private static final Duration SPAN = Duration.ofDays(70);

    /**
     * When the last call starts. It is fixed, so that a failure can be repeated, and so that the clocks of two zones go back in the weeks
     * before it.
     */
    private static final Instant NOW = Instant.parse("2025-11-10T10:20:30.123456Z");

    /** The clocks of Amsterdam go back on this day. */
    private static final Window LONG_DAY =
            new Window(Instant.parse("2025-10-25T22:00:00Z"), Instant.parse("2025-10-26T23:00:00Z"));

    /** The clocks of St. John's go back on this day, which does not begin at a full hour of UTC. */
    private static final Window OTHER_LONG_DAY =
            new Window(Instant.parse("2025-11-02T02:30:00Z"), Instant.parse("2025-11-03T03:30:00Z"));

    /** At the edges of those days, and of November in each of these zones. */
    private static final List<Instant> EDGES = List.of(
            LONG_DAY.from(),
            LONG_DAY.to().minusNanos(1000),
            OTHER_LONG_DAY.from(),
            OTHER_LONG_DAY.to().minusNanos(1000),
            Instant.parse("2025-10-31T22:59:59.999999Z"),
            Instant.parse("2025-10-31T23:30:00Z"),
            Instant.parse("2025-11-01T02:29:59.999999Z"),
            Instant.parse("2025-11-01T02:30:00Z"));

    private static final Window BEFORE_ALL = new Window(NOW.minus(SPAN).minusSeconds(86_400), NOW.minus(SPAN));

    /** The start of one of the calls. */
    private Instant start = NOW;

    static Stream<Arguments> databases() {
        return Stream.concat(
                Stream.of(Arguments.of(Database.POSTGRESQL, 8000L)),
                Stream.of(Database.values()).map(kind -> Arguments.of(kind, 100_000_000L)));
    }

    @ParameterizedTest
    @DisplayName(
            "whichever part of the rollups exists, after late calls, repricings and removals, and if rollups are split")
    @MethodSource("databases")
    void equal(Database kind, long cellBytes) throws Exception {
        Random random = new Random(21);
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
        without.open(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        List<CallRecord> calls = calls(random, 400, NOW.minus(SPAN), NOW);
        start = calls.get(0).startedAt();
        repository.storeAll(calls.subList(0, 340));
        repository.storeAll(EDGES.stream()
                .map(edge -> call(random, UUID.randomUUID(), "acme", "chat", edge))
                .toList());
        RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE, cellBytes);

        same(store, without, random, 40);
        assertThat(count(store, oneInstant())).isPositive();
        assertThat(count(store, BEFORE_ALL)).isZero();

        assertThat(store.with(upkeep::marksAreMade)).isTrue();
        RollupMaker maker = new RollupMaker(store.dialect(), () -> false, cellBytes, RollupMaker.IDS_CLEARED);
        store.with(connection -> {
            maker.close(connection);
            OptionalInt closing = maker.toWaitFor(connection);
            maker.waited(closing.getAsInt());
            return null;
        });
        for (int steps = 0; steps < 150; steps++) {
            store.with(maker::step);
        }
        assertThat(isUsed(store)).isTrue();
        same(store, without, random, 60);

        upkeep.upToDate();
        assertThat(TestDatabases.count(database, "select count(*) from tokentally_rollup_marks"))
                .isZero();
        assertThat(TestDatabases.count(database, "select count(distinct unit) from tokentally_rollups where unit < 3"))
                .isEqualTo(3);
        String split = "select count(distinct unit) from tokentally_rollups where octet_length(cell) = 5";
        assertThat(TestDatabases.count(database, split)).isEqualTo(cellBytes < 10_000 ? 3 : 0);
        same(store, without, random, 60);
        sameWithoutCalls(store, without, random, database);

        // Late calls under old ids, one at a time and together.
        for (CallRecord late : calls.subList(340, 350)) {
            repository.store(late);
        }
        repository.storeAll(calls.subList(350, 380));
        assertThat(TestDatabases.count(database, "select count(*) from tokentally_rollup_marks"))
                .isPositive();
        same(store, without, random, 60);
        store.with(maker::step);
        same(store, without, random, 30);
        upkeep.upToDate();
        same(store, without, random, 60);

        new JpaUsageRepricing(store)
                .reprice(calls.subList(0, 50).stream()
                        .filter(call -> call.costSource() != CostSource.PROVIDER)
                        .map(call ->
                                new CostChange(call, new Cost(new BigDecimal("7.0000000000"), CostSource.PRICE_LIST)))
                        .toList());
        same(store, without, random, 60);
        upkeep.upToDate();
        same(store, without, random, 40);
        sameWithoutCalls(store, without, random, database);
        assertThat(TestDatabases.count(database, "select count(*) from tokentally_rollup_marks"))
                .isZero();
    }

    @Test
    @DisplayName("reach even the first report of a connection to PostgreSQL as bytes, not as text")
    void bytes() throws Exception {
        DataSource database = TestDatabases.withTables(Database.POSTGRESQL);
        Store store = TestDatabases.opened(database);
        new JpaUsageRepository(store).storeAll(calls(new Random(22), 50, NOW.minus(SPAN), NOW));
        new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate();
        CellFormats formats = new CellFormats(database);
        Store watched = TestDatabases.store(Map.of());
        watched.open(formats);

        Reports.of(watched).report(new UsageQuestion(null, Window.ALWAYS, Map.of(), List.of(Dimension.MODEL)));

        assertThat(formats.ofLast).isEqualTo("bytes");
    }

    @ParameterizedTest
    @DisplayName("at both ends of time, in any zone")
    @EnumSource(Database.class)
    void endsOfTime(Database kind) throws Exception {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        new JpaUsageRepository(store)
                .storeAll(List.of(
                        Calls.ok("acme", Instant.parse("9999-12-31T12:00:00Z")),
                        Calls.ok("acme", Instant.parse("0001-01-01T00:00:00Z"))));
        new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate();
        UsageReports reports = Reports.of(store);

        for (String zone : ZONES) {
            assertThat(reports.seriesOfAll(new SeriesQuery(
                            new Window(Instant.parse("9999-12-01T00:00:00Z"), null),
                            Bucket.MONTH,
                            ZoneId.of(zone),
                            null)))
                    .as(zone)
                    .extracting(bucket -> bucket.figures().totalCalls())
                    .contains(1L);
            assertThat(reports.seriesOfAll(new SeriesQuery(
                            new Window(null, Instant.parse("0001-01-05T00:00:00Z")),
                            Bucket.DAY,
                            ZoneId.of(zone),
                            null)))
                    .as(zone)
                    .extracting(bucket -> bucket.figures().totalCalls())
                    .contains(1L);
        }
    }

    @ParameterizedTest
    @DisplayName("if the window ends within a microsecond")
    @EnumSource(Database.class)
    void nanoseconds(Database kind) throws Exception {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
        without.open(database);
        // In a quarter of an hour that has no rollup yet.
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        UUID invocation = UUID.randomUUID();
        Random random = new Random(3);
        new JpaUsageRepository(store)
                .storeAll(List.of(
                        call(random, invocation, "acme", "chat", now.minus(Duration.ofDays(3))),
                        call(random, invocation, "acme", "chat", now)));
        new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate();
        UsageQuestion question = new UsageQuestion(null, new Window(now.minus(SPAN), now.plusNanos(400)));

        SameFigures.checkExactly(
                "",
                Reports.of(store).report(question),
                Reports.of(without, Map.of("tokentally.rollups", "false")).report(question));
    }

    @Test
    @DisplayName("also if a tenant repeats one call id so often that its calls do not fit in the memory of reports")
    void repeatedId() throws Exception {
        DataSource database = TestDatabases.pooled(Database.POSTGRESQL);
        Store store = TestDatabases.opened(database);
        Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
        without.open(database);
        // The quarter of an hour that is not over has the id as well.
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        UUID repeated = UUID.randomUUID();
        Random random = new Random(5);
        List<CallRecord> calls = calls(random, 200, now.minus(SPAN), now);
        for (int i = 0; i < 4000; i++) {
            Instant at = now.minus(Duration.ofMinutes(15 * (i % 20)));
            calls.add(call(random, repeated, "acme", OPERATIONS.get(i % 2), at));
        }
        new JpaUsageRepository(store).storeAll(calls);
        new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate();
        UsageReports fromRollups = Reports.of(store, Map.of(), 1_000_000);
        UsageReports fromCalls = Reports.of(without, Map.of("tokentally.rollups", "false"));
        UsageQuestion byTenant = new UsageQuestion(null, Window.ALWAYS).by(Dimension.TENANT);

        for (UsageQuestion question : List.of(
                byTenant,
                new UsageQuestion("acme", new Window(now.minus(SPAN), null)).by(Dimension.OPERATION),
                new UsageQuestion(null, new Window(null, now)).by(Dimension.MODEL))) {
            SameFigures.checkExactly(question.toString(), fromRollups.report(question), fromCalls.report(question));
        }
        UsageReport right = fromCalls.report(byTenant);
        keepFrom("closed * 900", database);
        store.with(store.keptFrom()::read);
        try {
            // Just after midnight, few of the rollups are of less than a day.
            SameFigures.checkExactly("after a drop", fromRollups.report(byTenant), right);
        } catch (ReportTooLargeException tooLarge) {
            assertThat(tooLarge).hasMessageContaining("memory of reports");
        }
    }

    /**
     * Takes all that it can from rollups, as if the calls of all rollups had been dropped. On H2, reports use rollups only for such
     * calls.
     */
    private void sameWithoutCalls(Store store, Store without, Random random, DataSource database) throws Exception {
        UsageReports fromCalls = Reports.of(without, Map.of("tokentally.rollups", "false"));
        int closed = Math.toIntExact(
                TestDatabases.count(database, "select closed from tokentally_rollup_state where id = 1"));
        Map<UsageQuestion, UsageReport> expected = new LinkedHashMap<>();
        for (int i = 0; i < 60; i++) {
            // The last group and the last filter are not in rollups.
            UsageQuestion question = new UsageQuestion(
                    random.nextBoolean() ? null : TENANTS.get(random.nextInt(TENANTS.size())),
                    wholeQuarters(window(random), closed),
                    FILTERS.get(random.nextInt(FILTERS.size() - 1)),
                    GROUPS.get(random.nextInt(GROUPS.size() - 1)));
            expected.put(question, fromCalls.report(question));
        }
        keepFrom("closed * 900", database);
        UsageReports fromRollups = Reports.of(store);
        for (Map.Entry<UsageQuestion, UsageReport> one : expected.entrySet()) {
            SameFigures.checkExactly(one.getKey().toString(), fromRollups.report(one.getKey()), one.getValue());
        }
        keepFrom("null", database);
        store.with(store.keptFrom()::read);
    }

    private static Window wholeQuarters(Window window, int closed) {
        int to = window.to() == null ? closed : Math.min(closed, Unit.quarter(window.to()) + 1);
        return new Window(
                window.from() == null ? null : Unit.instant(Math.min(to - 1, Unit.quarter(window.from()))),
                Unit.instant(to));
    }

    private static void keepFrom(String seconds, DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("update tokentally_rollup_state set kept_from = timestamp with time zone"
                    + " '1970-01-01 00:00:00+00' + cast(" + seconds
                    + " as integer) * interval '1' second where id = 1");
        }
    }

    /** Some reports of each kind, in windows of each kind. */
    private void same(Store store, Store without, Random random, int number) throws UsageStoreException {
        UsageReports fromRollups = Reports.of(store);
        UsageReports fromCalls = Reports.of(without, Map.of("tokentally.rollups", "false"));
        for (int i = 0; i < number; i++) {
            UsageQuestion question = new UsageQuestion(
                    random.nextBoolean() ? null : TENANTS.get(random.nextInt(TENANTS.size())),
                    i % 6 == 5 ? special(i / 6) : window(random),
                    FILTERS.get(random.nextInt(FILTERS.size())),
                    GROUPS.get(random.nextInt(GROUPS.size())));
            UsageReport expected = fromCalls.report(question);
            SameFigures.checkExactly(question.toString(), fromRollups.report(question), expected);
        }
        for (int i = 0; i < number / 3; i++) {
            List<Dimension> groups = GROUPS.get(random.nextInt(GROUPS.size()));
            SeriesQuery query = new SeriesQuery(
                    i % 2 == 1 ? special(i / 2) : window(random),
                    Bucket.values()[random.nextInt(3)],
                    ZoneId.of(ZONES.get(random.nextInt(ZONES.size()))),
                    groups.isEmpty() ? null : groups.get(0),
                    FILTERS.get(random.nextInt(FILTERS.size())));
            List<SeriesBucket> expected = fromCalls.seriesOfAll(query);
            SameFigures.checkExactly(query.toString(), fromRollups.seriesOfAll(query), expected);
        }
        // A series in a zone takes days from rollups only if its buckets are months.
        for (String zone : ZONES) {
            SeriesQuery months = new SeriesQuery(Window.ALWAYS, Bucket.MONTH, ZoneId.of(zone), null);
            SameFigures.checkExactly(zone, fromRollups.seriesOfAll(months), fromCalls.seriesOfAll(months));
        }
    }

    private Window special(int number) {
        return switch (number % 5) {
            case 0 -> oneInstant();
            case 1 -> new Window(start.minusNanos(1000), start);
            case 2 -> BEFORE_ALL;
            case 3 -> LONG_DAY;
            default -> OTHER_LONG_DAY;
        };
    }

    private Window oneInstant() {
        return new Window(start, start.plusNanos(1000));
    }

    private static long count(Store of, Window window) throws UsageStoreException {
        return Reports.of(of)
                .report(new UsageQuestion(null, window))
                .total()
                .perCall()
                .totalCalls();
    }

    private Window window(Random random) {
        Instant from = edge(random);
        Instant to = edge(random);
        if (to.equals(from)) {
            to = from.plusNanos(1000);
        }
        boolean inOrder = from.isBefore(to);
        return new Window(
                random.nextInt(5) == 0 ? null : inOrder ? from : to,
                random.nextInt(5) == 0 ? null : inOrder ? to : from);
    }

    private Instant edge(Random random) {
        Instant any =
                NOW.minusSeconds(random.nextLong(SPAN.toSeconds() + 86_400)).plusSeconds(3600);
        return switch (random.nextInt(4)) {
            case 0 -> any.truncatedTo(ChronoUnit.DAYS);
            case 1 -> Unit.instant(Unit.quarter(any));
            case 2 -> Unit.instant(Unit.MONTH.start(Unit.quarter(any)));
            default -> any.truncatedTo(ChronoUnit.MICROS);
        };
    }

    @ParameterizedTest
    @DisplayName(
            "after a cell was damaged: the calls are read instead, and the cell is made again when a day or month needs it")
    @EnumSource(Database.class)
    void damaged(Database kind) throws Exception {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        Store without = TestDatabases.store(Map.of("tokentally.rollups", "false"));
        without.open(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        Random random = new Random(4);
        repository.storeAll(calls(random, 60, NOW.minus(SPAN), NOW.minus(Duration.ofDays(30))));
        RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);
        upkeep.upToDate();
        byte[][] damages = {
            {},
            {1},
            {2, 3, 4},
            {1, (byte) Combination.COLUMNS.size(), -1, -1, -1, -1, 7},
            {1, (byte) Combination.COLUMNS.size(), 9, 9}
        };
        for (byte[] damage : damages) {
            // A damage is found in the same way in each unit, so one of them is enough for most damages.
            for (Unit unit : damage.length < 2 ? Unit.values() : new Unit[] {Unit.DAY}) {
                damage(unit, damage, database);
                same(store, without, random, 3);
                repository.storeAll(calls(random, 40, NOW.minus(SPAN), NOW.minus(Duration.ofDays(30))));
                assertThat(upkeep.upToDate()).isTrue();
                same(store, without, random, 3);
            }
        }
        // A mark for each day.
        List<CallRecord> everyDay = new ArrayList<>();
        for (Instant at = NOW.minus(SPAN);
                at.isBefore(NOW.minus(Duration.ofDays(30)));
                at = at.plus(1, ChronoUnit.DAYS)) {
            for (String tenant : TENANTS) {
                everyDay.add(call(random, UUID.randomUUID(), tenant, "chat", at));
            }
        }
        damage(Unit.QUARTER, damages[1], database);
        damage(Unit.DAY, damages[1], database);
        repository.storeAll(everyDay);
        assertThat(upkeep.upToDate()).isTrue();
        damage(Unit.DAY, damages[1], database);
        repository.storeAll(List.of(call(random, UUID.randomUUID(), "acme", "chat", NOW.minus(Duration.ofDays(35)))));
        assertThat(upkeep.upToDate()).isTrue();
    }

    private static void damage(Unit unit, byte[] cell, DataSource database) throws Exception {
        try (Connection connection = database.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("update tokentally_rollups set cell = ? where unit = ?")) {
            update.setBytes(1, cell);
            update.setInt(2, unit.code());
            assertThat(update.executeUpdate()).isPositive();
        }
    }

    static List<CallRecord> calls(Random random, int count, Instant from, Instant to) {
        List<CallRecord> calls = new ArrayList<>();
        long seconds = Duration.between(from, to).toSeconds();
        // Some invocations are a call, some are retried with another model or later, and some come back after weeks.
        while (calls.size() < count) {
            UUID callId = new UUID(random.nextLong(), random.nextLong());
            Instant start = from.plusSeconds(random.nextLong(seconds));
            String tenant = TENANTS.get(random.nextInt(TENANTS.size()));
            String operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
            int attempts = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
            for (int i = 0; i < attempts; i++) {
                long later =
                        switch (random.nextInt(8)) {
                            case 0 -> random.nextLong(seconds);
                            case 1 -> random.nextLong(86_400);
                            default -> random.nextLong(600);
                        };
                Instant at = start.plusSeconds(i == 0 ? 0 : later);
                calls.add(call(
                        random,
                        callId,
                        random.nextInt(20) == 0 ? TENANTS.get(random.nextInt(TENANTS.size())) : tenant,
                        random.nextInt(10) == 0 ? OPERATIONS.get(random.nextInt(OPERATIONS.size())) : operation,
                        at.isAfter(to) ? to : at));
            }
        }
        Collections.shuffle(calls, random);
        return calls.subList(0, count);
    }

    static CallRecord call(Random random, UUID callId, String tenant, String operation, Instant start) {
        boolean ok = random.nextInt(4) > 0;
        CostSource source = CostSource.values()[random.nextInt(CostSource.values().length)];
        boolean priced = source != CostSource.NONE && source != CostSource.MAYBE_BILLED;
        return new CallRecord(
                UUID.randomUUID(),
                new CallOrigin(
                        callId,
                        tenant,
                        operation,
                        random.nextBoolean() ? "anna" : null,
                        random.nextBoolean() ? "s 1" : null,
                        random.nextBoolean() ? "production" : null,
                        null),
                new CallTiming(start, Duration.ofMillis(random.nextInt(5000)), null),
                new CallUsage(
                        random.nextBoolean() ? "" : "openai",
                        MODELS.get(random.nextInt(MODELS.size())),
                        new TokenCounts(random.nextInt(1000), random.nextInt(500), 0, 0, 0),
                        "",
                        random.nextBoolean() ? CallUsage.CHAT : "embedding",
                        random.nextBoolean() ? "gpt-4o" : null),
                new Cost(
                        priced ? BigDecimal.valueOf(random.nextInt(5) * 1_234_567_891L, 10) : new BigDecimal("0E-10"),
                        source),
                new CallOutcome(ok ? CallStatus.OK : CallStatus.ERROR, ok ? null : "TimeoutException"));
    }

    private static boolean isUsed(Store store) throws Exception {
        return store.with(connection -> {
            RollupState state = RollupState.read(connection);
            return state.closed() > Integer.MIN_VALUE && state.closed() < state.closing();
        });
    }
}
