package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Causes a random history of faults under load, for {@code chaos.minutes}, from {@code chaos.seed} or from a seed that it
 * makes. The seed determines the faults and their order; the calls that they meet depend on the machine. Run by {@code mvn
 * -Pchaos verify}.
 */
@DisplayName("In a random history of faults")
class Chaos {

    private static final String NODE = "chaos";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int STARTS = 3;

    private static final Postgres POSTGRES = Postgres.started();

    /** An application: where its records go, and in which mode. */
    private record Application(String name, DataSources source, String mode, int clients) {

        boolean isOnH2() {
            return source == DataSources.H2FILE;
        }
    }

    /** There are eight clients in all. */
    private static final List<Application> APPLICATIONS = List.of(
            new Application("pg-sync", DataSources.POSTGRES, "sync", 2),
            new Application("pg-cut", DataSources.REFUSING, "sync", 1),
            new Application("pg-behind", DataSources.POSTGRES, "write-behind", 2),
            new Application("h2-sync", DataSources.H2FILE, "sync", 2),
            new Application("h2-behind", DataSources.H2FILE, "write-behind", 1));

    /** These applications come first in the list. */
    private static final int ON_POSTGRES = 3;

    private static Node node;
    private static SmallDisk disk;

    private final long seed = Long.getLong("chaos.seed", new Random().nextInt(1_000_000));
    private final Random random = new Random(seed);
    private final Map<String, Integer> played = new TreeMap<>();
    /** The calls whose records were in a spool of an older release, by the application that got this spool. */
    private final Map<Application, List<UUID>> left = new LinkedHashMap<>();
    /** The faults so far, in their order. */
    private final List<Played> history = new ArrayList<>();

    private CuttingProxy proxy;

    /**
     * A fault that is over.
     *
     * @param from when it began, by the monotonic clock
     * @param to when it was repaired
     */
    private record Played(String name, long from, long to) {

        boolean meets(Load.Answer answer) {
            return from <= answer.at() + answer.nanos() && to >= answer.at();
        }
    }

    /** A fault that lasts for a while and is then repaired. */
    private interface Fault {
        void play() throws Exception;
    }

    @AfterAll
    static void stopTheNode() throws Exception {
        if (node != null) {
            node.stop();
        }
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    @DisplayName("every answered call has exactly one row, of its own tenant")
    void history() throws Exception {
        System.out.println("Chaos: seed " + seed + " on " + TestServer.current() + ", Java " + Runtime.version());
        try (CuttingProxy cuts = new CuttingProxy(Settings.port("refusing"), Settings.port("postgres"))) {
            proxy = cuts;
            disk = SmallDisk.at(spool()).orElse(null);
            if (disk == null) {
                System.out.println(
                        "Chaos: the disk of the spools is never full, since only root on Linux may mount a small one");
            }
            deploy();
            startNode();
            Map<Application, Load> loads = new LinkedHashMap<>();
            for (Application application : APPLICATIONS) {
                loads.put(
                        application,
                        Load.start(application.clients(), Integer.MAX_VALUE, 10, id -> call(application, id)));
            }
            play(Instant.now().plus(Duration.ofMinutes(Long.parseLong(Settings.text("chaos.minutes")))));
            Map<Application, Collection<Load.Answer>> answers = new LinkedHashMap<>();
            for (Map.Entry<Application, Load> load : loads.entrySet()) {
                answers.put(load.getKey(), load.getValue().stop());
            }
            judge(answers);
        }
    }

    private void play(Instant end) throws Exception {
        Map<String, Fault> faults = faults();
        List<String> names = new ArrayList<>(faults.keySet());
        while (Instant.now().isBefore(end)) {
            String name = names.get(random.nextInt(names.size()));
            System.out.println("Chaos: " + Instant.now() + " " + name);
            long from = System.nanoTime();
            faults.get(name).play();
            history.add(new Played(name, from, System.nanoTime()));
            played.merge(name, 1, Integer::sum);
            Thread.sleep(random.nextInt(8_000));
        }
    }

    private Map<String, Fault> faults() {
        Map<String, Fault> faults = new LinkedHashMap<>();
        faults.put("PostgreSQL killed", () -> {
            POSTGRES.kill();
            pause();
            POSTGRES.start();
        });
        faults.put("PostgreSQL frozen", () -> {
            POSTGRES.freeze();
            pause();
            POSTGRES.thaw();
        });
        faults.put("PostgreSQL restarted", POSTGRES::restart);
        faults.put("PostgreSQL's sessions ended", () -> {
            for (int i = 0; i < 20; i++) {
                POSTGRES.query("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where backend_type = 'client backend' and pid <> pg_backend_pid() and random() < 0.5");
                Thread.sleep(random.nextInt(300));
            }
        });
        faults.put("connections cut by chance, at commits too", () -> {
            proxy.cut(0.3);
            pause();
            proxy.cut(0);
        });
        faults.put("PostgreSQL slow", () -> inserting("perform pg_sleep(random() * 1.5)"));
        faults.put("PostgreSQL's disk full", () -> inserting("raise 'no room' using errcode = '53100'"));
        faults.put(
                "deadlocks, lock timeouts, serialization failures",
                () -> inserting("if random() < 0.3 then raise 'by chance' using errcode ="
                        + " (array['40P01', '55P03', '40001'])[1 + floor(random() * 3)::int]; end if"));
        faults.put(
                "rows refused by chance: no partition, a trigger, row-level security",
                () -> inserting("if random() < 0.1 then raise 'by chance' using errcode ="
                        + " (array['23514', 'P0001', '42501'])[1 + floor(random() * 3)::int]; end if"));
        faults.put("table missing", () -> {
            POSTGRES.execute("alter table llm_calls rename to llm_calls_elsewhere");
            pause();
            POSTGRES.execute("alter table llm_calls_elsewhere rename to llm_calls");
        });
        faults.put("partition missing", () -> {
            POSTGRES.execute("""
                    do $$
                    declare
                        part record;
                    begin
                        create table chaos_partitions (name text, bound text);
                        for part in select cast(cast(inhrelid as regclass) as text) as name,
                                           pg_get_expr(relpartbound, inhrelid) as bound
                                      from pg_inherits join pg_class on pg_class.oid = inhrelid
                                     where inhparent = to_regclass('llm_calls')
                                       and relname in ('llm_calls_first', 'llm_calls_default') loop
                            insert into chaos_partitions values (part.name, part.bound);
                            execute 'alter table llm_calls detach partition ' || part.name;
                        end loop;
                    end $$""");
            pause();
            POSTGRES.execute("""
                    do $$
                    declare
                        part record;
                    begin
                        for part in select * from chaos_partitions loop
                            execute 'alter table llm_calls attach partition ' || part.name || ' ' || part.bound;
                        end loop;
                        drop table chaos_partitions;
                    end $$""");
        });
        faults.put("database read-only", () -> {
            readOnly("set default_transaction_read_only = on");
            pause();
            readOnly("reset default_transaction_read_only");
        });
        if (disk != null) {
            faults.put("disk of the spools full", () -> {
                disk.fill();
                pause();
                disk.clear();
            });
        }
        faults.put("server killed", () -> {
            node.kill();
            startNode();
        });
        faults.put("server killed, and a spool's last record torn", () -> {
            node.kill();
            tear();
            startNode();
        });
        faults.put("server restarted", () -> {
            node.stop();
            startNode();
        });
        faults.put("application redeployed", () -> redeploy(APPLICATIONS.get(random.nextInt(APPLICATIONS.size()))));
        faults.put("upgrade", () -> upgrade(APPLICATIONS.get(random.nextInt(ON_POSTGRES))));
        faults.put("server replaced by a newer release, which finds the older one's spool", () -> {
            Application application = APPLICATIONS.get(random.nextInt(APPLICATIONS.size()));
            node.kill();
            left.computeIfAbsent(application, first -> new ArrayList<>())
                    .addAll(OldSpool.add(spool(), application.name(), 1 + random.nextInt(1_000), Chaos::tenant));
            startNode();
        });
        faults.put("server killed while PostgreSQL is away", () -> {
            POSTGRES.kill();
            pause();
            node.kill();
            startNode();
            POSTGRES.start();
        });
        return faults;
    }

    private void pause() throws InterruptedException {
        Thread.sleep(200 + random.nextInt(8_000));
    }

    /** Makes each insert do something first, for a while. */
    private void inserting(String statement) throws InterruptedException {
        POSTGRES.execute("create or replace function chaos() returns trigger language plpgsql as $$ begin " + statement
                + "; return new; end $$");
        POSTGRES.execute("create trigger chaos before insert on llm_calls for each row execute function chaos()");
        pause();
        // In a slow store, a batch of rows would hold the table for minutes, although its client has gone.
        POSTGRES.execute("""
                do $$ begin
                    set local lock_timeout = '200ms';
                    loop
                        perform pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep';
                        begin
                            drop trigger chaos on llm_calls;
                            exit;
                        exception when lock_not_available then
                            perform pg_stat_clear_snapshot();
                        end;
                    end loop;
                end $$""");
    }

    private static void readOnly(String setting) {
        POSTGRES.execute("alter system " + setting);
        POSTGRES.query("select pg_reload_conf()");
    }

    /** Makes the last segment of a spool end in bytes that are no record, as a kill of the machine may do. */
    private void tear() throws IOException {
        try (Stream<Path> files = Files.walk(spool())) {
            Path last = files.filter(file -> file.toString().endsWith(".spool"))
                    .max(Comparator.comparing(Chaos::modified))
                    .orElse(null);
            if (last != null) {
                byte[] torn = new byte[1 + random.nextInt(50)];
                random.nextBytes(torn);
                Files.write(last, torn, StandardOpenOption.APPEND);
            }
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private static Path spool() {
        Path folder = TestServer.current().directory().resolve(NODE);
        return folder.resolve(TestServer.current() == TestServer.WILDFLY ? "data/tokentally-spool" : "spool");
    }

    private static Path archives() throws IOException {
        return TestServer.current() == TestServer.WILDFLY
                ? WildFlyNode.deployments(NODE)
                : Files.createDirectories(TestServer.current().directory().resolve(NODE + "-wars"));
    }

    private static void deploy() throws IOException {
        for (Application application : APPLICATIONS) {
            Archive<?> archive = CustomerArchive.named(
                    application.name(),
                    Map.of(
                            "tokentally.datasource",
                            application.source().jndiName(),
                            "tokentally.recording.mode",
                            application.mode()));
            Path file = archives().resolve(archive.getName());
            archive.as(ZipExporter.class).exportTo(file.toFile(), true);
            if (TestServer.current() != TestServer.WILDFLY) {
                unzip(file, archives().resolve(application.name()));
            }
        }
    }

    /** Unpacks an archive, because Payara Micro redeploys only exploded archives while it runs. The libraries stay files. */
    private static void unzip(Path archive, Path folder) throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(archive);
                Stream<Path> entries = Files.walk(zip.getPath("/"))) {
            for (Path entry : entries.toList()) {
                Path target = folder.resolve(entry.toString().substring(1));
                if (Files.isDirectory(entry)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(entry, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /**
     * Starts the server again if Payara Micro finds no bean in one of its applications, as it sometimes does on a very busy
     * machine.
     */
    private static void startNode() throws IOException, InterruptedException {
        for (int starts = 1; ; starts++) {
            try {
                startOnce();
                return;
            } catch (IllegalStateException notDeployed) {
                if (starts == STARTS) {
                    throw notDeployed;
                }
                System.out.println(
                        "Chaos: " + Instant.now() + " the server is started again: " + notDeployed.getMessage());
                node.kill();
            }
        }
    }

    private static void startOnce() throws IOException, InterruptedException {
        if (TestServer.current() == TestServer.WILDFLY) {
            node = WildFlyNode.start(NODE);
        } else {
            List<String> options = new ArrayList<>(List.of("--hotdeploy"));
            for (Application application : APPLICATIONS) {
                options.addAll(List.of(
                        "--deploy", archives().resolve(application.name()).toString()));
            }
            node = OtherNode.startLikeTheOther(NODE, options);
        }
        for (Application application : APPLICATIONS) {
            awaitStart(application);
        }
    }

    /** The application itself answers that the path has no GET, and needs no store for that. */
    private static void awaitStart(Application application) throws InterruptedException {
        node.awaitAnswer("/" + application.name() + "/api/calls/outside", 405);
    }

    private static void redeploy(Application application) throws Exception {
        LogMark log = node.log().mark();
        if (TestServer.current() == TestServer.WILDFLY) {
            try (Stream<Path> files = Files.list(archives())) {
                Path archive = files.filter(
                                file -> file.getFileName().toString().matches(application.name() + "\\.(ear|war)"))
                        .findFirst()
                        .orElseThrow();
                Files.writeString(Path.of(archive + ".dodeploy"), "");
            }
        } else {
            Files.writeString(
                    archives().resolve(application.name()).resolve(".reload"),
                    UUID.randomUUID().toString());
        }
        log.await("Recording is ", Duration.ofMinutes(2));
    }

    /**
     * Puts PostgreSQL's tables back to the version before the last, while all applications write. Then it redeploys one
     * application, which upgrades the tables.
     */
    private static void upgrade(Application application) throws Exception {
        // The version before the last knew no partitions.
        POSTGRES.execute("""
                do $$ begin
                    if (select relkind = 'p' from pg_class where oid = to_regclass('llm_calls')) then
                        lock table llm_calls in access exclusive mode;
                        create table one_table (like llm_calls including defaults including constraints);
                        insert into one_table select * from llm_calls;
                        drop table llm_calls;
                        alter table one_table rename to llm_calls;
                        alter table llm_calls add constraint llm_calls_pk primary key (id);
                        create index llm_calls_started on llm_calls (started_at);
                    end if;
                end $$""");
        POSTGRES.execute("drop index if exists llm_calls_tenant_figures");
        POSTGRES.execute("create index if not exists llm_calls_tenant_started on llm_calls (tenant_id, started_at)");
        POSTGRES.execute("""
                do $$ begin
                    alter table llm_calls drop column user_id, drop column session_id, drop column environment,
                        drop column tags, drop column trace_id, drop column span_id, drop column response_id,
                        drop column requested_model;
                    delete from tokentally_schema_history where version = '6';
                end $$""");
        redeploy(application);
        awaitUpgrade();
    }

    private static void awaitUpgrade() throws InterruptedException {
        Instant end = Instant.now().plus(PATIENCE);
        while (POSTGRES.query("""
                select 1 from pg_index, tokentally_schema_history
                 where indexrelid = to_regclass('llm_calls_tenant_figures') and indisvalid
                   and to_regclass('llm_calls_tenant_started') is null and version = '6' and success""").isEmpty()) {
            assertThat(Instant.now()).as("the upgrade ends in time").isBefore(end);
            Thread.sleep(200);
        }
    }

    private static HttpRequest.Builder call(Application application, UUID id) {
        return HttpRequest.newBuilder(node.uri(
                        "/" + application.name() + "/api/calls" + Http.query("tenant", tenant(id), "call", id)))
                .POST(BodyPublishers.noBody());
    }

    /** Returns one of four tenants. Only the call's id determines it. */
    private static String tenant(UUID call) {
        return "chaos " + (call.getLeastSignificantBits() & 3);
    }

    private void judge(Map<Application, Collection<Load.Answer>> answers) throws Exception {
        long lost = 0;
        long twice = 0;
        long misattributed = 0;
        long answered = 0;
        Load.Answer longest = null;
        Map<UUID, List<String>> inPostgres = awaited(ids(answers, false), Chaos::rowsOfPostgres);
        // The server has the file as long as it runs. When it stops, it stores waiting records for a few seconds.
        Map<UUID, List<String>> inH2 = Map.of();
        for (int starts = 0; starts < 5; starts++) {
            node.stop();
            inH2 = rowsOfH2();
            if (inH2.keySet().containsAll(ids(answers, true))) {
                break;
            }
            startNode();
            Thread.sleep(20_000);
        }
        for (Application application : APPLICATIONS) {
            Map<UUID, List<String>> rows = application.isOnH2() ? inH2 : inPostgres;
            for (UUID id : ids(application, answers.get(application))) {
                List<String> tenants = rows.getOrDefault(id, List.of());
                lost += tenants.isEmpty() ? 1 : 0;
                twice += tenants.size() > 1 ? 1 : 0;
                misattributed += tenants.stream().anyMatch(tenant -> !tenant.equals(tenant(id))) ? 1 : 0;
            }
            for (Load.Answer answer : answers.get(application)) {
                if (!rows.containsKey(answer.id())) {
                    System.out.println("Chaos: lost by " + application.name() + ": " + answer.id() + " of "
                            + Instant.now().minusNanos(System.nanoTime() - answer.at()) + ", "
                            + answer.nanos() / 1_000_000 + " ms, " + during(answer));
                }
                answered++;
                longest = longest == null || answer.nanos() > longest.nanos() ? answer : longest;
            }
        }
        System.out.printf(
                "Chaos: seed %d, %s, Java %s: %d calls answered, %d records of an older release, %d faults %s,"
                        + " %d connections cut, %d lost, %d twice, %d misattributed, longest wait %d ms (%s)%n",
                seed,
                TestServer.current(),
                Runtime.version().feature(),
                answered,
                left.values().stream().mapToInt(List::size).sum(),
                played.values().stream().mapToInt(Integer::intValue).sum(),
                played,
                proxy.cuts(),
                lost,
                twice,
                misattributed,
                longest == null ? 0 : longest.nanos() / 1_000_000,
                longest == null ? "" : during(longest));
        assertThat(answered).isPositive();
        assertThat(List.of(lost, twice, misattributed))
                .as("lost, twice, misattributed; seed " + seed)
                .containsOnly(0L);
        // Calls whose answer nobody saw also have at most one row.
        assertThat(inPostgres.values()).allMatch(tenants -> tenants.size() == 1);
        assertThat(inH2.values()).allMatch(tenants -> tenants.size() == 1);
    }

    /** Returns the faults that were present while a call waited. If there was none, it returns the last fault before. */
    private String during(Load.Answer answer) {
        List<String> on = history.stream()
                .filter(fault -> fault.meets(answer))
                .map(Played::name)
                .toList();
        if (!on.isEmpty()) {
            return "on: " + String.join("; ", on);
        }
        return history.stream()
                .filter(fault -> fault.to() < answer.at())
                .reduce((earlier, later) -> later)
                .map(fault -> "none on; " + (answer.at() - fault.to()) / 1_000_000 + " ms after: " + fault.name())
                .orElse("none on, none before");
    }

    private List<UUID> ids(Map<Application, Collection<Load.Answer>> answers, boolean onH2) {
        return APPLICATIONS.stream()
                .filter(application -> application.isOnH2() == onH2)
                .flatMap(application -> ids(application, answers.get(application)).stream())
                .toList();
    }

    /** The ids of all calls that must have a row. */
    private List<UUID> ids(Application application, Collection<Load.Answer> answers) {
        return Stream.concat(answers.stream().map(Load.Answer::id), left.getOrDefault(application, List.of()).stream())
                .toList();
    }

    private interface Rows {
        Map<UUID, List<String>> read() throws SQLException;
    }

    private static Map<UUID, List<String>> awaited(List<UUID> ids, Rows rows) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        Map<UUID, List<String>> found = rows.read();
        while (!found.keySet().containsAll(ids) && Instant.now().isBefore(end)) {
            // Refused records are retried by themselves, with growing pauses. Here they are retried on demand, as an
            // admin would do.
            POSTGRES.execute("update tokentally_nodes set retries_asked = retries_asked + 1");
            Thread.sleep(5_000);
            found = rows.read();
        }
        return found;
    }

    private static Map<UUID, List<String>> rowsOfPostgres() throws SQLException {
        try (Connection connection = DriverManager.getConnection(POSTGRES.jdbcUrl())) {
            return rows(connection);
        }
    }

    private static Map<UUID, List<String>> rowsOfH2() throws SQLException, IOException {
        Path data = TestServer.current() == TestServer.WILDFLY
                ? TestServer.current().directory().resolve(NODE)
                : Path.of(dataOfPayara());
        try (Connection connection =
                DriverManager.getConnection("jdbc:h2:file:" + data.resolve("h2file") + ";IFEXISTS=TRUE", "sa", "sa")) {
            return rows(connection);
        }
    }

    /** The nodes of a run use the data sources of its server. */
    private static String dataOfPayara() throws IOException {
        String commands = Files.readString(TestServer.PAYARA_MICRO.directory().resolve("data-sources.asadmin"));
        return commands.replaceAll("(?s).*jdbc\\\\:h2\\\\:file\\\\:([^;]*)/h2file;.*", "$1")
                .replace("\\", "");
    }

    private static Map<UUID, List<String>> rows(Connection connection) throws SQLException {
        Map<UUID, List<String>> tenants = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select call_id, tenant_id from llm_calls where tenant_id like 'chaos %'")) {
            while (rows.next()) {
                tenants.computeIfAbsent(rows.getObject(1, UUID.class), first -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
        return tenants;
    }
}
