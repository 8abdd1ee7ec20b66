package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesBucket;
import dev.tokentally.usage.SeriesFigures;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import dev.tokentally.usage.WriteConflictException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All calls come in pairs: one invocation with two calls, mostly on different days, stored in one transaction. The tokens of a pair are
 * always the same, and its cost is one dollar and one more for each repricing. So an answer that mixes two states of the store has
 * half a pair or part of a dollar.
 */
@OnOneJdk
@DisplayName("While calls are recorded, repriced and dropped and rollups are made")
class RollupsUnderLoadTest {

    private static final int TOKENS = 1000;
    private static final int OLD_PAIRS = 40;
    /** In each of them, all questions are asked, and some calls are written. */
    private static final int ROUNDS = 20;

    private static final int MANY_ROUNDS = 500;
    private static final int WRITES = 10;
    private static final int DROPS = 20;

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);

    /** All calls start in it. */
    private static final Window ALL = new Window(daysAgo(150), NOW.plus(1, ChronoUnit.DAYS));

    private static final List<UsageQuestion> QUESTIONS = List.of(
            new UsageQuestion(null, Window.ALWAYS),
            new UsageQuestion(null, ALL).by(Dimension.TENANT, Dimension.MODEL),
            new UsageQuestion(null, Window.ALWAYS).by(Dimension.OPERATION));

    private final AtomicLong pairsBegun = new AtomicLong();
    private final AtomicLong pairsStored = new AtomicLong();
    private final AtomicLong repricingsBegun = new AtomicLong();
    private final AtomicLong repricingsDone = new AtomicLong();

    private final AtomicInteger rounds = new AtomicInteger();
    private final AtomicInteger drops = new AtomicInteger();
    private final AtomicBoolean ends = new AtomicBoolean();

    /** The pairs that are repriced. */
    private final List<List<CallRecord>> recent = Collections.synchronizedList(new ArrayList<>());

    private Store store;
    private DataSource database;
    private RollupUpkeep upkeep;

    @ParameterizedTest
    @DisplayName("each report and each series shows one state of the store, which has all that was written before")
    @MethodSource("dev.tokentally.persistence.TestDatabases#withAndWithoutPartitions")
    void oneState(Database kind, boolean isPartitioned) throws Exception {
        open(kind, isPartitioned);
        Random random = new Random(211);
        for (int i = 0; i < OLD_PAIRS; i++) {
            store(pair(random, 15, 100));
        }
        assertThat(upkeep.upToDate()).isTrue();
        drop(80);
        Instant keptBefore = store.keptFrom().known();
        assertThat(keptBefore).isNotNull();

        Random forPairs = new Random(212);
        Random forPrices = new Random(213);
        List<CompletableFuture<Void>> threads = List.of(
                inBackground(() -> storePairs(forPairs)),
                inBackground(() -> reprice(forPrices)),
                inBackground(upkeep::upToDate),
                inBackground(this::dropDays));
        UsageReports reports = Reports.of(store);
        // Otherwise reports use rollups only of dropped calls.
        if (TestDatabases.marksAllChanges(kind)) {
            anyCallMayHaveChanged();
        }
        try {
            while ((rounds.get() < ROUNDS || rounds.get() < MANY_ROUNDS && !hasDropped(keptBefore))
                    && threads.stream().noneMatch(CompletableFuture::isDone)) {
                ask(reports);
                rounds.incrementAndGet();
            }
        } finally {
            ends.set(true);
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(1, TimeUnit.MINUTES);
        }

        assertThat(pairsStored.get()).isGreaterThan(OLD_PAIRS);
        assertThat(repricingsDone.get()).isPositive();
        assertThat(hasDropped(keptBefore)).isTrue();
        ask(reports);
        assertThat(upkeep.upToDate()).isTrue();
        ask(reports);
    }

    private void ask(UsageReports reports) throws UsageStoreException {
        for (UsageQuestion question : QUESTIONS) {
            Bounds bounds = new Bounds();
            UsageReport report = reports.report(question);
            List<UsageBlock> blocks = new ArrayList<>(report.blocks());
            blocks.forEach(block -> checkPairs(question, block));
            checkPairs(question, report.total());
            bounds.check(
                    question,
                    report.total().perInvocation().totalCalls(),
                    report.total().perCall().totalCostUsd());
        }
        for (Bucket bucket : List.of(Bucket.DAY, Bucket.MONTH)) {
            Bounds bounds = new Bounds();
            SeriesQuery query = new SeriesQuery(ALL, bucket, ZoneOffset.UTC, null);
            SeriesFigures sums = reports.seriesOfAll(query).stream()
                    .map(SeriesBucket::figures)
                    .reduce(SeriesFigures.ZERO, SeriesFigures::plus);
            assertThat(sums.totalCalls() % 2).as(query.toString()).isZero();
            assertThat(sums.inputTokens()).as(query.toString()).isEqualTo(sums.totalCalls() / 2 * TOKENS);
            bounds.check(query, sums.totalCalls() / 2, sums.totalCostUsd());
        }
    }

    private static void checkPairs(Object question, UsageBlock block) {
        String what = question + ", " + block.name();
        long pairs = block.perInvocation().totalCalls();
        assertThat(block.perCall().totalCalls()).as(what).isEqualTo(2 * pairs);
        assertThat(block.perCall().inputTokens().total()).as(what).isEqualTo(TOKENS * pairs);
        assertThat(block.perInvocation().inputTokens().total()).as(what).isEqualTo(TOKENS * pairs);
        if (pairs > 0) {
            assertThat(block.perInvocation().inputTokens().min()).as(what).isEqualTo(TOKENS);
            assertThat(block.perInvocation().inputTokens().max()).as(what).isEqualTo(TOKENS);
        }
    }

    /** What an answer must have at least, since it was written before the question. */
    private final class Bounds {

        private final long pairs = pairsStored.get();
        private final long repricings = repricingsDone.get();

        void check(Object question, long pairsFound, BigDecimal cost) {
            assertThat(pairsFound).as("pairs of " + question).isBetween(pairs, pairsBegun.get());
            BigDecimal repriced = cost.subtract(BigDecimal.valueOf(pairsFound));
            assertThat(repriced)
                    .as("repricings of " + question)
                    .isEqualByComparingTo(repriced.setScale(0, RoundingMode.FLOOR))
                    .isBetween(BigDecimal.valueOf(repricings), BigDecimal.valueOf(repricingsBegun.get()));
        }
    }

    private boolean hasDropped(Instant keptBefore) {
        return drops.get() >= DROPS && store.keptFrom().known().isAfter(keptBefore);
    }

    /** How much may be written until the end of this round, so that a slow machine has no more to do than a fast one. */
    private long writes() {
        return (long) WRITES * Math.min(rounds.get() + 1, ROUNDS);
    }

    private void storePairs(Random random) throws UsageStoreException {
        if (recent.size() < writes()) {
            List<CallRecord> pair = pair(random, 0, 10);
            store(pair);
            recent.add(pair);
        }
        Pause.sleep(5);
    }

    private void store(List<CallRecord> pair) throws UsageStoreException {
        pairsBegun.incrementAndGet();
        again(() -> new JpaUsageRepository(store).storeAll(pair));
        pairsStored.incrementAndGet();
    }

    private void reprice(Random random) throws UsageStoreException {
        if (!recent.isEmpty() && repricingsDone.get() < writes()) {
            int index = random.nextInt(recent.size());
            CallRecord one = recent.get(index).get(0);
            CallRecord other = recent.get(index).get(1);
            BigDecimal dollars = one.costUsd().add(other.costUsd()).add(BigDecimal.ONE);
            Cost costOfOne = cost(partOfADollar(random));
            Cost costOfOther = cost(dollars.subtract(costOfOne.usd()));
            repricingsBegun.incrementAndGet();
            again(() -> assertThat(new JpaUsageRepricing(store)
                            .reprice(List.of(new CostChange(one, costOfOne), new CostChange(other, costOfOther))))
                    .isEmpty());
            repricingsDone.incrementAndGet();
            recent.set(index, List.of(with(costOfOne, one), with(costOfOther, other)));
        }
        Pause.sleep(5);
    }

    /** As the drainer does, this tries again if another transaction was in the way. */
    private static void again(Write write) throws UsageStoreException {
        while (true) {
            try {
                write.run();
                return;
            } catch (WriteConflictException | StoreUnavailableException inTheWay) {
                Pause.sleep(1);
            }
        }
    }

    private static List<CallRecord> pair(Random random, int fromDays, int toDays) {
        UUID callId = UUID.randomUUID();
        String tenant = List.of("acme", "globex", "initech").get(random.nextInt(3));
        int tokens = random.nextInt(TOKENS + 1);
        BigDecimal part = partOfADollar(random);
        // One quarter of an hour of each day, so that the rollups are made quickly. That of today has none yet.
        Instant one = daysAgo(random.nextInt(fromDays, toDays));
        Instant other = daysAgo(random.nextInt(fromDays, toDays));
        return List.of(
                call(callId, tenant, one, tokens, part),
                call(callId, tenant, other, TOKENS - tokens, BigDecimal.ONE.subtract(part)));
    }

    private static CallRecord call(UUID callId, String tenant, Instant start, int inputTokens, BigDecimal usd) {
        return new CallRecord(
                UUID.randomUUID(),
                new CallOrigin(callId, tenant, "chat"),
                new CallTiming(start, Duration.ofMillis(70), null),
                new CallUsage("openai", "gpt-4o", new TokenCounts(inputTokens, 7, 0, 0, 0)),
                cost(usd),
                new CallOutcome(CallStatus.OK, null));
    }

    private static CallRecord with(Cost cost, CallRecord call) {
        return new CallRecord(call.id(), call.origin(), call.timing(), call.usage(), cost, call.outcome());
    }

    private static Cost cost(BigDecimal usd) {
        return new Cost(usd.setScale(10, RoundingMode.UNNECESSARY), CostSource.PRICE_LIST);
    }

    private static BigDecimal partOfADollar(Random random) {
        return BigDecimal.valueOf(random.nextLong(10_000_000_000L), 10);
    }

    private static Instant daysAgo(int days) {
        return NOW.minus(days, ChronoUnit.DAYS);
    }

    /** Has all rollups made again. */
    private void anyCallMayHaveChanged() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into tokentally_rollup_marks (tenant_id, starts, unit) values ('', "
                    + Integer.MIN_VALUE + ", " + RollupMarks.ALL + ")");
        }
    }

    private void dropDays() throws Exception {
        for (int days = 79; days > 20 && !ends.get(); days--) {
            drop(days);
            drops.incrementAndGet();
        }
        while (!ends.get()) {
            Pause.sleep(10);
        }
    }

    private void drop(int days) throws Exception {
        RetentionJob retention = new RetentionJob(
                store,
                new Settings(new MapConfig(Map.of("tokentally.retention.calls", days + "d"))),
                Clock.systemUTC(),
                Duration.ZERO);
        while (!retention.round() && !ends.get()) {
            // On H2 the rollups must be made again first, and nobody else makes them yet.
            if (store.keptFrom().known() == null) {
                upkeep.upToDate();
            }
            Pause.sleep(5);
        }
    }

    private void open(Database kind, boolean isPartitioned) {
        database = TestDatabases.pooled(isPartitioned ? TestDatabases.withTables(kind) : TestDatabases.empty(kind));
        store = TestDatabases.store(Map.of("tokentally.partitions", String.valueOf(isPartitioned)));
        store.open(database);
        new SchemaUpgrade(store, LongSteps.Watch.NONE).tryOnce();
        upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);
    }

    private CompletableFuture<Void> inBackground(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        while (!ends.get()) {
                            work.run();
                        }
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                TestDatabases.THREADS);
    }

    private interface Work {
        void run() throws Exception;
    }

    private interface Write {
        void run() throws UsageStoreException;
    }
}
