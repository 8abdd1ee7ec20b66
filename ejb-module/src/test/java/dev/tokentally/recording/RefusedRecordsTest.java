package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.persistence.RealStores;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.recording.spool.SpoolOptions;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@OnOneJdk
@DisplayName("A record that the store refuses")
@Timeout(180)
class RefusedRecordsTest {

    private static final Instant NOW = Instant.parse("2026-11-28T06:00:00Z");
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T06:00:00Z");

    @TempDir
    Path directory;

    private CapturedLog log;
    private SpooledRecorder recorder;

    @BeforeEach
    void listen() {
        log = CapturedLog.of("dev.tokentally.recording");
    }

    @AfterEach
    void stop() {
        if (recorder != null) {
            recorder.stop();
        }
        log.close();
    }

    /** The reasons for which the store refuses a row, and the statement that removes each reason. */
    enum Refusal {
        CHECK_H2("H2", "23513", "NO_POISON", Scripts.CHECK, "alter table llm_calls drop constraint no_poison"),
        CHECK("POSTGRESQL", "23514", "no_poison", Scripts.CHECK, "alter table llm_calls drop constraint no_poison"),
        PARTITION(
                "POSTGRESQL",
                "23514",
                "no partition",
                Scripts.PARTITIONS,
                "create table llm_calls_2020 partition of llm_calls for values from ('2020-01-01') to ('2021-01-01')"),
        UNIQUE(
                "POSTGRESQL",
                "23505",
                "another call has the id",
                "create unique index one_poison on llm_calls_first ((tenant_id || 'x')) where tenant_id = 'poison';"
                        + Scripts.ROW,
                "drop index one_poison"),
        VALUE("POSTGRESQL", "22012", "division by zero", Scripts.trigger("perform 1 / 0"), Scripts.NO_TRIGGER),
        TRIGGER("POSTGRESQL", "P0001", "not you", Scripts.trigger("raise exception 'not you'"), Scripts.NO_TRIGGER),
        OWN_STATE(
                "POSTGRESQL",
                "AB123",
                "not you",
                Scripts.trigger("raise exception 'not you' using errcode = 'AB123'"),
                Scripts.NO_TRIGGER),
        TABLE_OF_TRIGGER(
                "POSTGRESQL", "42P01", "no_audit", Scripts.trigger("perform 1 from no_audit"), Scripts.NO_TRIGGER),
        AT_THE_END(
                "POSTGRESQL",
                "P0001",
                "not you",
                Scripts.function("raise exception 'not you'")
                        + "create constraint trigger refuse after insert on llm_calls deferrable initially deferred for each"
                        + " row execute function refuse()",
                Scripts.NO_TRIGGER),
        ROW_LEVEL_SECURITY(
                "POSTGRESQL",
                "42501",
                "row-level security",
                "alter table llm_calls enable row level security;"
                        + "create policy readable on llm_calls for select using (true);"
                        + "create policy tenants on llm_calls for insert with check (tenant_id <> 'poison')",
                "alter table llm_calls disable row level security"),
        RIGHT_OF_TRIGGER(
                "POSTGRESQL",
                "42501",
                "permission denied",
                "create schema hidden; create table hidden.audit (id uuid);"
                        + Scripts.trigger("insert into hidden.audit values (new.id)"),
                "grant usage on schema hidden to app; grant insert on hidden.audit to app");

        private final String database;
        private final String state;
        private final String reason;
        private final String[] poisoning;
        private final String healing;

        Refusal(String database, String state, String reason, String poisoning, String healing) {
            this.database = database;
            this.state = state;
            this.reason = reason;
            this.poisoning = poisoning.split(";(?=(?:[^$]*\\$\\$[^$]*\\$\\$)*[^$]*$)");
            this.healing = healing;
        }
    }

    private static final class Scripts {

        static final String CHECK = "alter table llm_calls add constraint no_poison check (tenant_id <> 'poison')";
        /** Without the lock, a drop takes the partitions before the table, and a writer the table before its partition. */
        static final String NO_TRIGGER = """
                do $$ begin
                    lock table llm_calls in access exclusive mode;
                    drop trigger refuse on llm_calls;
                end $$""";

        static final String ROW = """
                insert into llm_calls (id, call_id, tenant_id, operation, started_at, call_duration_ms, provider, model,
                    input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
                    cost_source, status)
                values (gen_random_uuid(), gen_random_uuid(), 'poison', 'chat', timestamptz '2026-01-01', 1, '', '', 1, 1, 0, 0,
                    0, 0, 'none', 'ok')""";
        static final String NO_PARTITION = """
                alter table llm_calls rename to llm_calls_old;
                create table llm_calls (like llm_calls_old including defaults) partition by range (started_at);
                alter table llm_calls add primary key (id, tenant_id, started_at);
                """;
        static final String PARTITIONS = NO_PARTITION
                + "create table llm_calls_now partition of llm_calls for values from ('2026-01-01') to ('2100-01-01')";

        static String function(String what) {
            return "create function refuse() returns trigger language plpgsql as $$ begin if new.tenant_id = 'poison' then "
                    + what + "; end if; return new; end $$;";
        }

        static String trigger(String what) {
            return function(what)
                    + "create trigger refuse before insert on llm_calls for each row execute function refuse()";
        }
    }

    @ParameterizedTest
    @DisplayName(
            "is set aside among 1,000 that it takes, and is stored by itself after a person has removed the reason")
    @EnumSource(Refusal.class)
    void oneOfMany(Refusal refusal) {
        RealStores admin = RealStores.of(refusal.database);
        admin.execute(refusal.poisoning);
        RealStores store = user(admin);
        long before = admin.count("select count(*) from llm_calls");
        start(store, "write-behind");
        for (int i = 0; i < 1000; i++) {
            if (i == 567) {
                recorder.record(poison());
            }
            recorder.record(Calls.ok("acme", NOW));
        }

        Recorders.await(() -> admin.count("select count(*) from llm_calls") == before + 1000);
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(recorder.status().rejected()).isEqualTo(1);
        assertThat(recorder.status().circuit()).isEqualTo("closed");
        assertThat(log.messages())
                .filteredOn(line -> line.startsWith("The store refuses a record"))
                .singleElement()
                .satisfies(line -> assertThat(line).contains("tenant=poison", refusal.reason));
        assertThat(log.messages()).noneMatch(line -> line.startsWith("The store takes no records"));

        admin.execute(refusal.healing);
        if (refusal != Refusal.CHECK_H2 && refusal != Refusal.CHECK) {
            // One refusal on each database is enough to see that the record's turn comes by itself.
            recorder.rejected().tryAllNow(Instant.now());
        }

        Recorders.await(() -> admin.count("select count(*) from llm_calls") == before + 1001);
        Recorders.await(() -> recorder.status().rejected() == 0);
        assertThat(recorder.status().dropped()).isZero();
    }

    private static CallRecord poison() {
        return Calls.ok("poison", LONG_AGO);
    }

    /** A user to whom row-level security applies. */
    private static RealStores user(RealStores admin) {
        if (admin.texts("select 1 from information_schema.tables where table_name = 'pg_class'")
                .isEmpty()) {
            return admin;
        }
        admin.execute("do $$ begin create role app login; exception when duplicate_object then null; end $$");
        admin.execute("grant select, insert, update, delete on all tables in schema public to app");
        return admin.as("app");
    }

    static Stream<Arguments> everyRow() {
        String function =
                "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'none'; end $$";
        return Stream.of(
                arguments(
                        "POSTGRESQL",
                        List.of(
                                function,
                                "create trigger refuse before insert on llm_calls for each row execute function refuse()"),
                        Scripts.NO_TRIGGER,
                        "Look for a missing right"),
                arguments(
                        "POSTGRESQL",
                        List.of("revoke insert on llm_calls from app"),
                        "grant insert on llm_calls to app",
                        "may not insert into llm_calls"),
                arguments(
                        "POSTGRESQL",
                        List.of(
                                "alter table llm_calls enable row level security",
                                "create policy readable on llm_calls for select using (true)"),
                        "alter table llm_calls disable row level security",
                        "Look for a missing right"),
                arguments(
                        "POSTGRESQL",
                        List.of(Scripts.NO_PARTITION.strip().split(";")),
                        "create table llm_calls_2020 partition of llm_calls for values from ('2020-01-01') to ('2021-01-01')",
                        "Look for a missing right"),
                arguments(
                        "POSTGRESQL",
                        List.of("alter system set default_transaction_read_only = on", "select pg_reload_conf()"),
                        "set default_transaction_read_only = off; alter system reset default_transaction_read_only",
                        "read-only"),
                arguments(
                        "H2",
                        List.of("alter table llm_calls add constraint nobody check (tenant_id <> 'poison')"),
                        "alter table llm_calls drop constraint nobody",
                        "Look for a missing right"));
    }

    @ParameterizedTest
    @DisplayName(
            "waits with all others if the store refuses all of them; the log says what to do, and then all are stored")
    @MethodSource("everyRow")
    void nothingPasses(String kind, List<String> breaking, String healing, String told) {
        RealStores admin = RealStores.of(kind);
        RealStores store = user(admin);
        admin.execute(breaking.toArray(String[]::new));
        if (told.startsWith("Look") && kind.equals("POSTGRESQL")) {
            admin.execute("grant insert, select on llm_calls to app");
        }
        start(store, "write-behind");
        for (int i = 0; i < 700; i++) {
            recorder.record(poison());
        }

        Recorders.await(() -> recorder.status().circuit().equals("open"));
        assertThat(log.messages())
                .filteredOn(line -> line.startsWith("The store takes no records"))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(told));
        assertThat(recorder.status().rejected()).isZero();
        // A session learns of a new setting a moment later.
        long before = told.equals("read-only") ? admin.count("select count(*) from llm_calls") : 0;
        assertThat(before).isLessThan(700);
        assertThat(recorder.status().waiting()).isEqualTo(700 - before);

        admin.execute(healing.split("; "));
        if (healing.contains("reset")) {
            admin.execute("select pg_reload_conf()");
        }

        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(admin.count("select count(*) from llm_calls")).isEqualTo(700);
        assertThat(recorder.status().rejected()).isZero();
        assertThat(recorder.status().circuit()).isEqualTo("closed");
    }

    @ParameterizedTest
    @DisplayName("does not block later records, even if the last stored record was like it")
    @ValueSource(strings = {"sync", "write-behind"})
    void likeTheLastThatPassed(String mode) {
        RealStores store = RealStores.of("POSTGRESQL");
        start(store, mode);
        recorder.record(poison());
        Recorders.await(() -> store.count("select count(*) from llm_calls") == 1);
        store.execute(Refusal.TRIGGER.poisoning);

        recorder.record(poison());
        recorder.record(poison());
        recorder.record(Calls.ok("acme", NOW));

        Recorders.await(() -> store.count("select count(*) from llm_calls") == 2);
        Recorders.await(() -> recorder.status().rejected() == 2);
        Recorders.await(() -> recorder.status().circuit().equals("closed"));
    }

    @ParameterizedTest
    @DisplayName(
            "waits, if it is alone, until another record shows that the store takes others, and its tries leave no row")
    @EnumSource(names = {"TRIGGER", "ROW_LEVEL_SECURITY", "AT_THE_END"})
    void alone(Refusal refusal) {
        RealStores admin = RealStores.of(refusal.database);
        admin.execute(refusal.poisoning);
        RealStores store = user(admin);
        start(store, "sync");
        recorder.record(Calls.ok("acme", NOW));

        recorder.record(poison());

        Recorders.await(() -> recorder.status().circuit().equals("open"));
        assertThat(recorder.status().rejected()).isZero();
        assertThat(recorder.status().waiting()).isEqualTo(1);
        recorder.record(Calls.ok("acme", NOW));
        Recorders.await(() -> recorder.status().rejected() == 1);
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(recorder.status().circuit()).isEqualTo("closed");
        assertThat(admin.count("select count(*) from llm_calls")).isEqualTo(2);
    }

    @ParameterizedTest
    @DisplayName("is set aside at once, if it is alone, when its own values are the reason")
    @EnumSource(names = {"CHECK_H2", "CHECK", "PARTITION", "VALUE"})
    void aloneForItsValues(Refusal refusal) {
        RealStores store = RealStores.of(refusal.database);
        store.execute(refusal.poisoning);
        start(store, "sync");

        recorder.record(poison());

        Recorders.await(() -> recorder.status().rejected() == 1);
        Recorders.await(() -> recorder.status().waiting() == 0);
        assertThat(recorder.status().circuit()).isEqualTo("closed");
        assertThat(store.count("select count(*) from llm_calls")).isZero();
    }

    @Test
    @DisplayName("does not block a good record, even among 700 like it before the first success since the start")
    void behindManyRefused() throws Exception {
        RealStores store = RealStores.of("POSTGRESQL");
        store.execute(Refusal.TRIGGER.poisoning);
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            for (int i = 0; i < 700; i++) {
                spool.append(poison());
            }
            spool.append(Calls.ok("acme", NOW));
        }

        start(store, "write-behind");

        Recorders.await(() -> store.count("select count(*) from llm_calls") == 1);
        Recorders.await(() -> recorder.status().rejected() == 700);
        Recorders.await(() -> recorder.status().waiting() == 0);
    }

    @ParameterizedTest(name = "healed: {0}")
    @DisplayName("is there exactly once if the process ends after it was set aside and before it left the spool")
    @ValueSource(booleans = {false, true})
    void crash(boolean healed) throws Exception {
        RealStores store = RealStores.of("POSTGRESQL");
        store.execute(Refusal.TRIGGER.poisoning);
        try (Spool spool = Spool.open(new SpoolOptions(directory, 1 << 24, false))) {
            CallRecord poison = poison();
            spool.append(poison);
            spool.append(Calls.ok("acme", NOW));
            spool.rejected().add(poison, "not you", Instant.now());
            spool.rejected().force();
        }
        if (healed) {
            store.execute(Refusal.TRIGGER.healing);
        }

        start(store, "write-behind");

        Recorders.await(() -> recorder.status().waiting() == 0);
        if (!healed) {
            assertThat(recorder.status().rejected()).isEqualTo(1);
            store.execute(Refusal.TRIGGER.healing);
        }
        Recorders.await(() -> recorder.status().rejected() == 0);
        assertThat(store.count("select count(*) from llm_calls")).isEqualTo(2);
    }

    private void start(RealStores store, String mode) {
        recorder = Recorders.of(store.repository(), Map.of("tokentally.recording.mode", mode));
        recorder.open(directory);
        recorder.start(Recorders::daemon);
    }
}
