package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

@DisabledIfSystemProperty(
        named = "server",
        matches = "payara-server",
        disabledReason =
                "Payara Micro stands for both Payaras here: what is killed is the same server in another packaging")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@DisplayName("An answered call has exactly one row, whether recording is sync or write-behind,")
class NoLossIT {

    private static final String NODE = "no-loss";
    private static final String OUTAGE = "The store takes no records";
    private static final String OVER = "The store takes records again";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long AWAY_MILLIS = 10_000;

    private static final List<String> MODES = List.of("sync", "write-behind");
    private static final int CLIENTS = 8;
    private static final int CALLS = 500;

    private static final Postgres POSTGRES = Postgres.started();

    private static Node node;

    private final String tenant = "no loss " + UUID.randomUUID();
    private LogMark log;

    @BeforeAll
    static void startTheNode() throws Exception {
        Path folder = archives();
        for (String mode : MODES) {
            export(folder, mode, DataSources.POSTGRES, mode);
        }
        boolean needsSmall = RunsOn.Condition.isOn(Set.of(TestServer.PAYARA_MICRO), false);
        if (needsSmall) {
            export(folder, "small", DataSources.SMALL, "sync");
        }
        if (RunsOn.Condition.isOn(Set.of(TestServer.WILDFLY), true)) {
            export(folder, "behind-proxy", DataSources.REFUSING, "sync");
        }
        startNode();
        if (needsSmall) {
            node.awaitAnswer("/small/api/calls/started?tenant=nobody", 200);
        }
    }

    private static Path archives() throws IOException {
        return TestServer.current() == TestServer.WILDFLY
                ? WildFlyNode.deployments(NODE)
                : Files.createDirectories(TestServer.current().directory().resolve(NODE + "-wars"));
    }

    /** The tests that stop the server need the applications of both modes alone. */
    private static void startNodeAgain() throws IOException, InterruptedException {
        try (Stream<Path> files = Files.list(archives())) {
            for (Path file : files.filter(file -> file.getFileName().toString().matches("(small|behind-proxy)\\..*"))
                    .toList()) {
                Files.delete(file);
            }
        }
        startNode();
    }

    private static void export(Path folder, String name, DataSources source, String mode) {
        var archive = CustomerArchive.named(
                name, Map.of("tokentally.datasource", source.jndiName(), "tokentally.recording.mode", mode));
        archive.as(ZipExporter.class).exportTo(folder.resolve(archive.getName()).toFile(), true);
    }

    private static void startNode() throws IOException, InterruptedException {
        if (TestServer.current() == TestServer.WILDFLY) {
            node = WildFlyNode.start(NODE);
        } else {
            List<String> options = new ArrayList<>();
            try (Stream<Path> wars = Files.list(archives())) {
                wars.sorted().forEach(war -> options.addAll(List.of("--deploy", war.toString())));
            }
            node = OtherNode.startLikeTheOther(NODE, options);
        }
        for (String name : MODES) {
            node.awaitAnswer("/" + name + "/api/calls/started?tenant=nobody", 200);
        }
    }

    @AfterAll
    static void stopTheNode() {
        node.stop();
    }

    @BeforeEach
    void markTheLog() {
        log = node.log().mark();
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(1)
    @DisplayName("if PostgreSQL is killed and stays away for ten seconds")
    void killed() throws Exception {
        List<Load> loads = loads();
        POSTGRES.kill();
        long away = System.nanoTime();
        Thread.sleep(AWAY_MILLIS);
        long back = System.nanoTime();
        POSTGRES.start();

        everyCallIsStoredOnce(loads);
        assertThat(lines(OUTAGE, "sync")).isNotEmpty();
        tellTheCost(loads, away, back);
    }

    @RunsOn(value = TestServer.PAYARA_MICRO, otherPayara = false)
    @Test
    @Order(2)
    @DisplayName("if PostgreSQL is frozen for ten seconds, and no caller waits until it thaws")
    void frozen() throws Exception {
        List<Load> loads = loads();
        POSTGRES.freeze();
        long frozen = System.nanoTime();
        Thread.sleep(AWAY_MILLIS);
        long thawed = System.nanoTime();
        POSTGRES.thaw();

        everyCallIsStoredOnce(loads);
        assertThat(lines(OUTAGE, "sync")).isNotEmpty();
        for (Load load : loads) {
            assertThat(load.join())
                    .allSatisfy(answer -> assertThat(answer.nanos()).isLessThan((thawed - frozen) / 2));
        }
        tellTheCost(loads, frozen, thawed);
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(3)
    @DisplayName("if PostgreSQL restarts every two seconds")
    void restarted() throws Exception {
        List<Load> loads = loads();
        for (int i = 0; i < 5; i++) {
            POSTGRES.restart();
            Thread.sleep(2_000);
        }

        everyCallIsStoredOnce(loads);
    }

    @RunsOn(value = TestServer.PAYARA_MICRO, otherPayara = false)
    @Test
    @Order(4)
    @DisplayName("if eight callers in transactions hold all eight connections of the pool")
    void exhaustedPool() throws Exception {
        POSTGRES.execute("create table if not exists business (id uuid)");
        // On Payara the pool still has connections that an outage in another test broke, and they fail the
        // application's own transactions. These calls remove them, whatever their result.
        transactions(4, tenant + " before").join();
        log = node.log().mark();
        Load load = transactions(50, tenant);

        Collection<Load.Answer> answers = load.join();

        assertThat(load.failures()).isEmpty();
        assertThat(answers).hasSize(CLIENTS * 50);
        storedOnce(answers);
        assertThat(lines(OUTAGE, "small")).isEmpty();
    }

    private static Load transactions(int each, String tenant) {
        return Load.start(
                CLIENTS,
                each,
                0,
                id -> post("/small/api/calls/transaction"
                        + Http.query(
                                "tenant",
                                tenant,
                                "call",
                                id,
                                "end",
                                "rollback",
                                "source",
                                DataSources.SMALL.jndiName())));
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(5)
    @DisplayName("if the table is missing or the database is read-only for a while, and nothing is rejected")
    void notWritable() throws Exception {
        Collection<Load.Answer> without = inAnOutage(
                () -> POSTGRES.execute("alter table llm_calls rename to llm_calls_elsewhere"),
                () -> POSTGRES.execute("alter table llm_calls_elsewhere rename to llm_calls"));
        awaitLine(OVER, "sync");
        log = node.log().mark();
        Collection<Load.Answer> readOnly = inAnOutage(
                () -> {
                    POSTGRES.execute("alter system set default_transaction_read_only = on");
                    POSTGRES.query("select pg_reload_conf()");
                },
                () -> {
                    POSTGRES.execute("alter system reset default_transaction_read_only");
                    POSTGRES.query("select pg_reload_conf()");
                });

        assertThat(without).hasSize(100);
        assertThat(readOnly).hasSize(100);
        storedOnce(Stream.concat(without.stream(), readOnly.stream()).toList());
        assertThat(log.linesWith("refuses a record")).isEmpty();
    }

    /** Ends the outage, whatever happens, because the following tests use the same store. */
    private Collection<Load.Answer> inAnOutage(Runnable begin, Runnable end) throws InterruptedException {
        begin.run();
        try {
            Collection<Load.Answer> answers =
                    Load.start(4, 25, 0, id -> call("sync", id)).join();
            awaitLine(OUTAGE, "sync");
            return answers;
        } finally {
            end.run();
        }
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(6)
    @DisplayName("except for the one among a thousand that the store refuses, which is set aside with the reason")
    void poison() throws Exception {
        UUID poison = UUID.randomUUID();
        POSTGRES.execute("alter table llm_calls add constraint no_poison check (operation <> 'poison')");
        try {
            Load load = Load.start(CLIENTS, 125, 0, id -> call("write-behind", id));
            load.awaitAnswers(500);
            Http.send(post(
                    "/write-behind/api/calls" + Http.query("tenant", tenant, "operation", "poison", "call", poison)));
            Collection<Load.Answer> answers = load.join();

            assertThat(log.await("refuses a record", PATIENCE)).contains("operation=poison", "no_poison");
            assertThat(answers).hasSize(1000);
            storedOnce(answers);
            assertThat(log.linesWith("refuses a record")).hasSize(1);
        } finally {
            POSTGRES.execute("alter table llm_calls drop constraint no_poison");
        }
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(7)
    @DisplayName("if the connection breaks between the commit and its answer")
    void cut() throws Exception {
        UUID id = UUID.randomUUID();
        // The application has no store until there is a proxy.
        Load.start(1, 1, 0, other -> post("/behind-proxy/api/calls" + Http.query("tenant", "warm", "call", other)))
                .join();
        try (CuttingProxy proxy = new CuttingProxy(Settings.port("refusing"), Settings.port("postgres"))) {
            awaitRows("select 1 from llm_calls where tenant_id = 'warm'", 1);
            awaitLine(OVER, "behind-proxy");

            proxy.cut(CuttingProxy.Cut.AFTER_COMMIT, tenant, 1);
            Load load = Load.start(
                    1, 1, 0, ignored -> post("/behind-proxy/api/calls" + Http.query("tenant", tenant, "call", id)));
            assertThat(load.join()).hasSize(1);

            assertThat(proxy.cuts()).isEqualTo(1);
            awaitRows("select 1 from llm_calls where call_id = '" + id + "'", 1);
            Thread.sleep(2_000);
            assertThat(POSTGRES.query("select 1 from llm_calls where call_id = ?", id))
                    .hasSize(1);
        }
        everyRowHasItsId();
    }

    @RunsOn(TestServer.WILDFLY)
    @Test
    @Order(8)
    @DisplayName("if the server is killed in the middle of work (-Dkills=2 for more)")
    void serverKilled() throws Exception {
        List<Load.Answer> answers = new ArrayList<>();
        for (int kills = Integer.getInteger("kills", 1); kills > 0; kills--) {
            answers.addAll(answeredUntil(node::kill));
            startNodeAgain();
        }
        answers.addAll(answeredUntil(() -> {}));

        eachIsStoredOnce(answers);
    }

    /** Servers stop their pools without waiting for a transaction that uses one. */
    @RunsOn(value = TestServer.PAYARA_MICRO, otherPayara = false)
    @Test
    @Order(9)
    @DisplayName("if the server is then stopped in order while a slow store takes a batch (-Dkills=2 for more)")
    void serverStopped() throws Exception {
        POSTGRES.execute("create or replace function slow() returns trigger language plpgsql as"
                + " $$ begin perform pg_sleep(0.01); return new; end $$");
        POSTGRES.execute("create trigger slow before insert on llm_calls for each row execute function slow()");
        List<Load.Answer> answers = new ArrayList<>();
        try {
            for (int stops = Integer.getInteger("kills", 1); stops > 0; stops--) {
                answers.addAll(answeredUntil(node::stop));
                startNodeAgain();
            }
        } finally {
            POSTGRES.dropTrigger("slow");
        }

        eachIsStoredOnce(answers);
    }

    /** There may be more rows, of calls whose answers nobody got. */
    private void eachIsStoredOnce(List<Load.Answer> answers) throws InterruptedException {
        String stored = "select call_id from llm_calls where tenant_id = ?";
        Set<Object> missing = POSTGRES.awaitCalls(ids(answers), stored, tenant);
        assertThat(missing)
                .as(() -> "of " + answers.size() + " calls; the module's lines: " + linesOfTheModule())
                .isEmpty();
        // A second row of a call could come a little later.
        Thread.sleep(1_000);
        assertThat(POSTGRES.query(stored, tenant))
                .extracting(row -> row.get("call_id"))
                .doesNotHaveDuplicates();
        everyRowHasItsId();
    }

    /** The answers that eight clients got until an event in the middle of their calls. */
    private List<Load.Answer> answeredUntil(Runnable happens) throws InterruptedException {
        List<Load> loads = new ArrayList<>();
        for (String mode : MODES) {
            loads.add(Load.start(4, Integer.MAX_VALUE, 2, id -> call(mode, id)));
        }
        for (Load load : loads) {
            load.awaitAnswers(500);
        }
        happens.run();
        List<Load.Answer> answers = new ArrayList<>();
        for (Load load : loads) {
            answers.addAll(load.stop());
        }
        return answers;
    }

    /** One application of each mode, while they run. */
    private List<Load> loads() throws InterruptedException {
        List<Load> loads = new ArrayList<>();
        for (String mode : MODES) {
            loads.add(Load.start(CLIENTS, CALLS, 25, id -> call(mode, id)));
        }
        for (Load load : loads) {
            load.awaitAnswers(CALLS);
        }
        return loads;
    }

    private HttpRequest.Builder call(String application, UUID id) {
        return post("/" + application + "/api/calls" + Http.query("tenant", tenant, "call", id));
    }

    private static HttpRequest.Builder post(String path) {
        return HttpRequest.newBuilder(node.uri(path)).POST(BodyPublishers.noBody());
    }

    private void everyCallIsStoredOnce(List<Load> loads) throws InterruptedException {
        List<Load.Answer> all = new ArrayList<>();
        for (Load load : loads) {
            Collection<Load.Answer> answers = load.join();
            assertThat(load.failures()).isEmpty();
            assertThat(answers).hasSize(CLIENTS * CALLS);
            all.addAll(answers);
        }
        storedOnce(all);
        for (String mode : MODES) {
            awaitClosedCircuit(mode);
        }
        assertThat(linesOfTheModule())
                .filteredOn(line -> line.contains("ERROR") || line.contains("SEVERE"))
                .allMatch(line -> line.contains(OUTAGE));
        assertThat(log.lines()).noneMatch(line -> line.contains("not recorded") || line.contains("refuses a record"));
    }

    private void storedOnce(Collection<Load.Answer> answers) throws InterruptedException {
        awaitRows("select 1 from llm_calls where tenant_id = '" + tenant + "'", answers.size());
        List<Object> stored = POSTGRES.query("select call_id from llm_calls where tenant_id = ?", tenant).stream()
                .map(row -> row.get("call_id"))
                .toList();
        // Thousands of ids would hide the module's own message.
        assertThat(stored.size())
                .as(() -> "rows; the module's lines: " + linesOfTheModule())
                .isEqualTo(answers.size());
        assertThat(stored).containsExactlyInAnyOrderElementsOf(ids(answers));
        everyRowHasItsId();
    }

    /**
     * Once the table is partitioned, its key has more than the id, so the key alone does not prevent two rows with the same
     * id.
     */
    private void everyRowHasItsId() {
        assertThat(POSTGRES.query(
                        "select count(*) - count(distinct id) as twice from llm_calls where tenant_id = ?", tenant))
                .containsExactly(Map.of("twice", 0L));
    }

    private List<String> linesOfTheModule() {
        return log.lines().stream()
                .filter(line -> line.contains("dev.tokentally"))
                .toList();
    }

    private static List<Object> ids(Collection<Load.Answer> answers) {
        return answers.stream().<Object>map(Load.Answer::id).toList();
    }

    private static void awaitRows(String query, int count) throws InterruptedException {
        POSTGRES.await(count, query);
    }

    /** Waits until as many outages of an application have ended as have begun. */
    private void awaitClosedCircuit(String application) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (lines(OUTAGE, application).size() > lines(OVER, application).size() && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
        assertThat(lines(OVER, application)).hasSameSizeAs(lines(OUTAGE, application));
    }

    private void awaitLine(String what, String application) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (lines(what, application).isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(100);
        }
        assertThat(lines(what, application)).isNotEmpty();
    }

    /**
     * The lines name an application by the directory of its spool. The other applications on the node have outages of their
     * own.
     */
    private List<String> lines(String what, String application) {
        return log.lines().stream()
                .filter(line -> line.contains(what) && line.contains("/" + application + "/"))
                .toList();
    }

    /** Prints what an outage costs a call, as a ratio and at worst. */
    private static void tellTheCost(List<Load> loads, long from, long to) throws InterruptedException {
        for (int i = 0; i < loads.size(); i++) {
            Collection<Load.Answer> answers = loads.get(i).join();
            double up = median(answers, answer -> answer.at() < from);
            double open = median(answers, answer -> answer.at() > from + (to - from) / 4 && answer.at() < to);
            System.out.printf(
                    "%s: a call in the outage takes %.2f times the call before it (medians); the worst %.0f ms in the outage's first"
                            + " quarter, %.0f ms in the rest of it%n",
                    MODES.get(i),
                    open / up,
                    worst(
                            answers,
                            answer -> answer.at() > from - 1_000_000_000L && answer.at() < from + (to - from) / 4),
                    worst(answers, answer -> answer.at() > from + (to - from) / 4 && answer.at() < to));
        }
    }

    private static double median(Collection<Load.Answer> answers, Function<Load.Answer, Boolean> which) {
        long[] nanos = answers.stream()
                .filter(which::apply)
                .mapToLong(Load.Answer::nanos)
                .sorted()
                .toArray();
        return nanos.length == 0 ? Double.NaN : nanos[nanos.length / 2];
    }

    private static double worst(Collection<Load.Answer> answers, Function<Load.Answer, Boolean> which) {
        return answers.stream()
                        .filter(which::apply)
                        .mapToLong(Load.Answer::nanos)
                        .max()
                        .orElse(0)
                / 1e6;
    }
}
