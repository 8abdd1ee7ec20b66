package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.Bucket;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.CostChange;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.SeriesQuery;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReports;
import dev.tokentally.usage.Window;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@OnOneJdk
@DisplayName("A database that goes down at any statement")
class OutageTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private static final Window TO_NOW = new Window(NOW.minus(3, ChronoUnit.DAYS), null);

    static Stream<Arguments> pools() {
        return Stream.of(Database.values())
                .flatMap(kind -> Stream.of(true, false).map(autoCommit -> Arguments.of(kind, autoCommit)));
    }

    @ParameterizedTest(name = "{0}, auto-commit {1}")
    @DisplayName("is an outage for everyone who uses it, as the connection's first failure says")
    @MethodSource("pools")
    void anyStatement(Database kind, boolean autoCommit) throws Exception {
        GoingDown database = new GoingDown(TestDatabases.withTables(kind));
        Store store = TestDatabases.opened(autoCommit ? database : new WithoutAutoCommit(database));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        repository.store(Calls.ok("acme", NOW.minus(2, ChronoUnit.DAYS)));
        repository.store(Calls.ok("acme", NOW));
        new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate();
        UsageReports reports = Reports.of(store);
        Settings settings = new Settings(new MapConfig(Map.of("tokentally.user.hash-key", "a key")));
        KnownErasures known = new KnownErasures(store, settings);
        JpaUserErasures erasures = new JpaUserErasures(store, null, known);
        JpaRecordingNodes nodes = new JpaRecordingNodes(store, null);
        JpaUsageRepricing repricing = new JpaUsageRepricing(store);
        UUID erasure = erasures.ask("acme", "ann").id();

        Map<String, ThrowingCallable> uses = Map.ofEntries(
                Map.entry("check", repository::check),
                Map.entry("write", () -> repository.store(Calls.ok("acme", NOW))),
                Map.entry("batch", () -> repository.storeAll(List.of(Calls.ok("acme", NOW)))),
                Map.entry("report", () -> reports.report(new UsageQuestion("acme", TO_NOW).by(Dimension.MODEL))),
                Map.entry(
                        "report of users", () -> reports.report(new UsageQuestion("acme", TO_NOW).by(Dimension.USER))),
                Map.entry(
                        "series",
                        () -> reports.series("acme", new SeriesQuery(Window.ALWAYS, Bucket.DAY, ZoneOffset.UTC, null))),
                Map.entry("calls", () -> reports.calls("acme", CallFilter.ALL, null, 10)),
                Map.entry("erasures", known::read),
                Map.entry("open erasures", erasures::open),
                Map.entry("writers", erasures::writers),
                Map.entry("names", () -> erasures.behind(erasure)),
                Map.entry("nodes", nodes::all),
                Map.entry("partitions", nodes::partitions),
                Map.entry("retention", nodes::retention),
                Map.entry("rollups", nodes::rollups),
                Map.entry("calls to reprice", () -> repricing.newestCalls(TO_NOW, null, 10)),
                Map.entry("reprice", () -> repricing.reprice(List.<CostChange>of())));

        for (Map.Entry<String, ThrowingCallable> use : uses.entrySet()) {
            boolean isToTheEnd = false;
            for (int statement = 1; !isToTheEnd; statement++) {
                database.goDownAt(statement);
                Throwable failure = catchThrowable(use.getValue());
                isToTheEnd = !database.isDown();
                database.comeBack();
                String what = use.getKey() + ", statement " + statement + ": " + failure;
                if (isToTheEnd) {
                    assertThat(failure).as(what).isNull();
                } else if (failure != null) {
                    assertThat(failure).as(what).isInstanceOf(StoreUnavailableException.class);
                }
            }
        }
    }
}
