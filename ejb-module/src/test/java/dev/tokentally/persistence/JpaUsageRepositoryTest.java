package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallOutcome;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallTiming;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.RecordRefusedException;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

abstract class JpaUsageRepositoryTest {

    private final String provider;

    JpaUsageRepositoryTest(String provider) {
        this.provider = provider;
    }

    @BeforeEach
    void useTheProvider() {
        TestDatabases.provider = provider;
    }

    @AfterEach
    void useTheUsualOne() {
        TestDatabases.provider = TestDatabases.USUAL_PROVIDER;
    }

    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123456Z");

    @ParameterizedTest
    @DisplayName("a record is read as it was written")
    @EnumSource(Database.class)
    void roundTrip(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        CallRecord ok = Calls.ok("O'Reilly \"& Söhne\" 🦊", NOW);
        CallRecord failed = Calls.failed("O'Reilly \"& Söhne\" 🦊", NOW.plusSeconds(1));
        CallRecord metered = Calls.metered("O'Reilly \"& Söhne\" 🦊", NOW.minusSeconds(1));

        new JpaUsageRepository(store).store(ok);
        new JpaUsageRepository(store).store(failed);
        new JpaUsageRepository(store).store(metered);

        assertThat(Reports.latest(store, ok.tenantId(), 10)).containsExactly(failed, ok, metered);
        assertThat(Reports.latest(store, ok.tenantId(), 1)).containsExactly(failed);
        assertThat(Reports.latest(store, "another", 10)).isEmpty();
    }

    /** Years of the Julian calendar, unusual offsets, both halves of a repeated hour, a gap, and the extremes. */
    private static final List<String> INSTANTS = List.of(
            "1500-02-28T23:59:59.999999Z",
            "1937-06-30T23:40:28.000001Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2026-10-25T00:30:00.5Z",
            "2026-10-25T01:30:00.5Z",
            "2026-03-29T00:59:59.999999Z",
            "2026-03-29T01:30:00Z",
            "2038-01-19T03:14:08.123456Z",
            "9999-12-31T23:59:59.999999Z");

    @ParameterizedTest
    @DisplayName(
            "instants are read to the microsecond in any zone, and a repeat and a batch find the row of a single write")
    @EnumSource(Database.class)
    void instants(Database kind) throws UsageStoreException {
        instants(kind, "UTC");
        instants(kind, "Europe/Amsterdam");
    }

    private static void instants(Database kind, String zone) throws UsageStoreException {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone(ZoneId.of(zone)));
        try {
            Store store = TestDatabases.opened(TestDatabases.pooled(kind));
            JpaUsageRepository repository = new JpaUsageRepository(store);
            List<CallRecord> single = INSTANTS.stream()
                    .map(instant -> Calls.ok("single", Instant.parse(instant)))
                    .toList();
            List<CallRecord> batch = INSTANTS.stream()
                    .map(instant -> Calls.ok("batch", Instant.parse(instant)))
                    .toList();
            for (CallRecord call : single) {
                repository.store(call);
                repository.storeAgain(call);
            }
            assertThat(repository.storeAll(batch)).hasSize(batch.size());

            assertThat(Reports.latest(store, "single", 100)).containsExactlyInAnyOrderElementsOf(single);
            assertThat(Reports.latest(store, "batch", 100)).containsExactlyInAnyOrderElementsOf(batch);
            assertThat(repository.storeAll(single)).isEmpty();
            for (CallRecord call : batch) {
                repository.storeAgain(call);
            }
            assertThat(Reports.latest(store, "batch", 100)).hasSize(batch.size());
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @ParameterizedTest
    @DisplayName("a record that is written twice, in any two ways, has one row")
    @EnumSource(Database.class)
    void eachPairOfWays(Database kind) throws UsageStoreException, IOException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        for (String instant : List.of(
                "1500-02-28T01:02:03.000004Z", "1937-07-01T00:00:00Z", NOW.toString(), "9999-12-31T23:59:59.999999Z")) {
            for (Way first : Way.values()) {
                for (Way second : Way.values()) {
                    CallRecord call = Calls.ok("pairs", Instant.parse(instant));

                    first.write(call, false, repository, database);
                    second.write(call, true, repository, database);

                    assertThat(Reports.latest(store, "pairs", 1000).stream()
                                    .filter(row -> row.id().equals(call.id())))
                            .as(instant + ", " + first + " and " + second)
                            .containsExactly(call);
                }
            }
        }
        assertThat(Reports.latest(store, "pairs", 1000)).hasSize(4 * Way.values().length * Way.values().length);
    }

    @ParameterizedTest
    @DisplayName("a batch says which of its records it inserted")
    @EnumSource(Database.class)
    void inserted(Database kind) throws UsageStoreException {
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(TestDatabases.pooled(kind)));
        CallRecord there = Calls.ok("acme", NOW);
        CallRecord fresh = Calls.ok("acme", NOW);
        repository.store(there);

        assertThat(repository.storeAll(List.of(there, fresh))).containsExactly(fresh.id());
        assertThat(repository.storeAll(List.of(there, fresh))).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("meters, attributes, links and doubts are read as they were written, by a single write and by a batch")
    @EnumSource(Database.class)
    void laterColumns(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord batch = Calls.metered("acme", NOW);
        CallRecord single = Calls.metered("acme", NOW).withCost(new Cost(batch.costUsd(), CostSource.MAYBE_BILLED));

        repository.store(single);
        repository.storeAll(List.of(batch));

        assertThat(Reports.latest(store, "acme", 10)).containsExactlyInAnyOrder(single, batch);
    }

    @ParameterizedTest
    @DisplayName("a repeat finds that the same call is stored already, and makes no second row")
    @EnumSource(Database.class)
    void repeat(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord call = Calls.ok("acme", NOW);

        repository.store(call);
        repository.storeAgain(call);

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(call);
    }

    @ParameterizedTest
    @DisplayName("a repeat of a write that never arrived stores it")
    @EnumSource(Database.class)
    void repeatOfALostWrite(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        CallRecord call = Calls.ok("acme", NOW);

        new JpaUsageRepository(store).storeAgain(call);

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(call);
    }

    @ParameterizedTest
    @DisplayName("a taken id is an error on the first attempt, and on a repeat only if another call has it")
    @EnumSource(Database.class)
    void takenId(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord foreign = Calls.ok("acme", NOW);
        CallRecord call = withId(Calls.ok("acme", NOW), foreign);
        repository.store(foreign);

        assertThatThrownBy(() -> repository.store(foreign))
                .isInstanceOf(UsageStoreException.class)
                .isNotInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> repository.storeAgain(call))
                .isInstanceOf(UsageStoreException.class)
                .isNotInstanceOf(StoreUnavailableException.class);
        assertThat(Reports.latest(store, "acme", 10)).containsExactly(foreign);
    }

    @ParameterizedTest
    @DisplayName("a pool without auto-commit loses nothing, even if a repeat finds its own row")
    @EnumSource(Database.class)
    void withoutAutoCommit(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(new WithoutAutoCommit(TestDatabases.empty(kind)));
        CallRecord call = Calls.ok("acme", NOW);

        new JpaUsageRepository(store).store(call);
        new JpaUsageRepository(store).storeAgain(call);

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(call);
    }

    @ParameterizedTest
    @DisplayName("a batch is stored once, whichever part of it was stored before")
    @EnumSource(Database.class)
    void batch(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            calls.add(Calls.ok("acme", NOW.minusSeconds(i)));
        }
        repository.store(calls.get(7));

        repository.storeAll(calls);
        repository.storeAll(calls.subList(100, 300));
        repository.storeAll(List.of());

        assertThat(Reports.latest(store, "acme", 1000)).isEqualTo(calls);
    }

    @ParameterizedTest
    @DisplayName("a batch makes the same rows as single writes, whatever texts and times they hold")
    @EnumSource(Database.class)
    void rowsOfABatch(Database kind) throws UsageStoreException {
        Store store = TestDatabases.opened(TestDatabases.pooled(kind));
        JpaUsageRepository repository = new JpaUsageRepository(store);
        List<CallRecord> calls = new ArrayList<>();
        List<String> texts = List.of(
                "",
                "NULL",
                "null",
                "{a,b}",
                "\"",
                "\\",
                "\\\"",
                "'",
                "a, b",
                " spaces ",
                "Söhne 🦊",
                "new\nline",
                "tab\t",
                "%s");
        for (String text : texts) {
            calls.add(Calls.ok("acme" + text, NOW));
            calls.add(Calls.failed("acme" + text, NOW));
            calls.add(Calls.metered("acme" + text, NOW));
        }
        for (String instant : List.of(
                "2026-10-25T01:30:00Z",
                "2026-10-25T00:30:00.000001Z",
                "1969-12-31T23:59:59.999999Z",
                "9999-12-31T23:59:59.999999Z",
                "+12026-01-01T00:00:00.1Z",
                "0001-01-01T00:00:00Z",
                "0999-02-28T12:00:00Z",
                "-0044-03-15T12:00:00Z")) {
            calls.add(Calls.ok("acme", Instant.parse(instant)));
        }

        repository.storeAll(calls);

        for (CallRecord call : calls) {
            assertThat(Reports.latest(store, call.tenantId(), 100)).contains(call);
        }
    }

    @ParameterizedTest
    @DisplayName("a row of an older release without a column is read with the column's default")
    @EnumSource(Database.class)
    void olderRow(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        new JpaUsageRepository(store).check();
        CallRecord call = Calls.ok("acme", NOW);

        TestDatabases.execute(database, """
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, first_token_ms, provider,
                    model, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status, error_class)
                values ('%s', '%s', 'acme', 'summarise', timestamp with time zone '2026-11-23 12:00:00.123456+00', 1234, 56,
                    'openai', 'gpt-4o', 100, 40, 60, 10, 30, 0.1234567891, 'provider', 'ok', null)""".formatted(call.id(), call.callId()));

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(call);
    }

    @ParameterizedTest
    @DisplayName("a row with labels that only a later release knows is read, and its cost is unknown")
    @EnumSource(Database.class)
    void newerRow(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        CallRecord ok = Calls.ok("acme", NOW);
        CallRecord failed = Calls.failed("acme", NOW.minusSeconds(1));
        new JpaUsageRepository(store).storeAll(List.of(ok, failed));

        for (String check : List.of("cost_source", "status", "error_class")) {
            TestDatabases.execute(database, "alter table llm_calls drop constraint llm_calls_" + check);
        }
        TestDatabases.execute(database, "update llm_calls set cost_source = 'by-the-stars', status = 'cancelled'");

        assertThat(Reports.latest(store, "acme", 10))
                .containsExactly(ok.withCost(new Cost(ok.costUsd(), CostSource.NONE)), failed);
    }

    @Test
    @DisplayName(
            "a batch is one statement and one check on PostgreSQL, even through a pool that does not rewrite batches")
    void oneStatement() throws UsageStoreException {
        Counting statements = new Counting(TestDatabases.pooled(Database.POSTGRESQL));
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(statements));
        List<CallRecord> calls =
                Stream.generate(() -> Calls.ok("acme", NOW)).limit(500).toList();
        statements.bound = 0;

        repository.storeAll(calls);

        assertThat(statements.bound).isEqualTo(2);
    }

    @ParameterizedTest
    @DisplayName("a batch is refused as a whole if another call has one of its ids, or one of its values breaks a rule")
    @EnumSource(Database.class)
    void refusedBatch(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord foreign = Calls.ok("acme", NOW);
        repository.store(foreign);
        CallRecord good = Calls.ok("acme", NOW);

        CallRecord taken = withId(Calls.ok("acme", NOW), foreign);
        assertThatThrownBy(() -> repository.storeAll(List.of(good, taken))).isInstanceOf(RecordRefusedException.class);
        assertThatThrownBy(() -> repository.storeAll(List.of(taken)))
                .isInstanceOf(RecordRefusedException.class)
                .hasMessageContaining(foreign.id().toString());
        TestDatabases.execute(
                database,
                "alter table llm_calls add constraint no_poison check (operation <> 'summarise' or tenant_id <> 'poison')");
        assertThatThrownBy(() -> repository.storeAll(List.of(good, Calls.ok("poison", NOW))))
                .isInstanceOf(RecordRefusedException.class);

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(foreign);
    }

    @ParameterizedTest
    @DisplayName(
            "the JPA provider logs nothing about a failed write, because the database's message may hold the row's values")
    @EnumSource(Database.class)
    void nothingLogged(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(database));
        TestDatabases.execute(
                database, "alter table llm_calls add constraint no_secret check (tenant_id not like 'secret%')");
        CallRecord refused = Calls.ok("secret", NOW);

        try (CapturedLog log = CapturedLog.of("org")) {
            assertThatThrownBy(() -> repository.store(refused)).isInstanceOf(UsageStoreException.class);
            assertThatThrownBy(() -> repository.storeAgain(refused)).isInstanceOf(UsageStoreException.class);
            assertThatThrownBy(() -> repository.storeAll(List.of(refused))).isInstanceOf(RecordRefusedException.class);
            TestDatabases.execute(database, "drop table llm_calls");
            assertThatThrownBy(() -> repository.store(refused)).isInstanceOf(UsageStoreException.class);

            assertThat(log.lines()).isEmpty();
        }
    }

    @ParameterizedTest
    @DisplayName("a missing table is not the fault of a record, and a check finds it")
    @EnumSource(Database.class)
    void noTable(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(database));
        repository.check();
        TestDatabases.execute(database, "drop table llm_calls");

        assertThatThrownBy(() -> repository.storeAll(List.of(Calls.ok("acme", NOW))))
                .isInstanceOf(UsageStoreException.class)
                .isNotInstanceOf(RecordRefusedException.class)
                .isNotInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(repository::check).isExactlyInstanceOf(UsageStoreException.class);
    }

    @ParameterizedTest
    @DisplayName("the table itself refuses values that the domain forbids")
    @EnumSource(Database.class)
    void checks(Database kind) throws UsageStoreException, SQLException {
        DataSource database = TestDatabases.pooled(kind);
        Store store = TestDatabases.opened(database);
        new JpaUsageRepository(store).store(Calls.ok("acme", NOW));

        for (String wrong : List.of(
                "status = 'done'",
                "status = 'error'",
                "error_class = 'Boom'",
                "input_tokens = -1",
                "output_tokens = -1",
                "cached_input_tokens = -1",
                "cache_write_tokens = -1",
                "reasoning_tokens = -1",
                "call_duration_ms = -1",
                "first_token_ms = -1",
                "cost_usd = -1",
                "cost_source = 'me'",
                "service_tier = null",
                "kind = null",
                "meters = null",
                "usage_doubts = null")) {
            try (Connection connection = database.getConnection()) {
                assertThatThrownBy(() -> connection.createStatement().executeUpdate("update llm_calls set " + wrong))
                        .as(wrong)
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    @DisplayName("a connection that breaks during a batch is an outage, even though resetting the connection fails too")
    void breaksInABatch() throws UsageStoreException {
        Breaking breaking = new Breaking(TestDatabases.empty(Database.H2));
        JpaUsageRepository repository = new JpaUsageRepository(TestDatabases.opened(breaking));
        CallRecord call = Calls.ok("acme", Instant.parse("2026-05-01T00:00:00Z"));
        breaking.breaks = true;

        assertThatThrownBy(() -> repository.storeAll(List.of(call))).isInstanceOf(StoreUnavailableException.class);

        breaking.breaks = false;
        repository.storeAll(List.of(call));
    }

    @Test
    @DisplayName("a store that is out of reach at the start is used as soon as it is back")
    void outageAtStart() throws UsageStoreException {
        Unreliable database = new Unreliable(TestDatabases.empty(Database.H2));
        database.down = true;
        Store store = TestDatabases.opened(database);
        JpaUsageRepository repository = new JpaUsageRepository(store);
        CallRecord call = Calls.ok("acme", NOW);

        assertThatThrownBy(() -> repository.store(call)).isInstanceOf(StoreUnavailableException.class);
        database.down = false;
        // Preparing the factory may take seconds, so a caller's write must never do it.
        assertThatThrownBy(() -> repository.storeAgain(call)).isInstanceOf(StoreUnavailableException.class);
        repository.check();
        repository.storeAgain(call);

        assertThat(Reports.latest(store, "acme", 10)).containsExactly(call);
    }

    private static CallRecord withId(CallRecord call, CallRecord other) {
        return new CallRecord(
                other.id(),
                new CallOrigin(call.callId(), call.tenantId(), call.operation()),
                new CallTiming(call.startedAt(), call.callDuration(), call.firstToken()),
                new CallUsage(call.provider(), call.model(), call.tokens()),
                new Cost(call.costUsd(), call.costSource()),
                new CallOutcome(call.status(), call.errorClass()));
    }
}
