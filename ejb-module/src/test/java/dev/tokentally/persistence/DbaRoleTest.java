package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.CapturedLog;
import dev.tokentally.OnOneJdk;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.pricing.Repricing;
import dev.tokentally.pricing.RepricingState;
import dev.tokentally.pricing.Repricings;
import dev.tokentally.usage.CallFilter;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Erasure;
import dev.tokentally.usage.NodeState;
import dev.tokentally.usage.RejectedCall;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageStoreException;
import dev.tokentally.usage.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A DBA who does what docs/upgrades.md says: runs the scripts in that order, and gives the module's role these rights only. */
@OnOneJdk
@DisplayName("On tables of a DBA, a role with the rights that the documents name")
class DbaRoleTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private static final Instant OLD = NOW.minus(100, ChronoUnit.DAYS);
    private static final Pattern SCRIPT = Pattern.compile("^psql .*-f scripts/(\\S+)");
    private static final String PRICES = """
            provider,model,from,input,cached_input,cache_write,output,reasoning
            openai,gpt-4o,2026-05-01,2.50,1.25,2.50,10,10
            """;

    private final PGSimpleDataSource dbas = (PGSimpleDataSource) TestDatabases.empty(Database.POSTGRESQL);
    private final String role = "r" + UUID.randomUUID().toString().replace("-", "");
    private final List<String> page = page();
    private final CapturedLog log = CapturedLog.of("dev.tokentally.persistence");
    private Store store;

    @BeforeEach
    void makeRole() throws SQLException {
        execute("revoke all on schema public from public");
        execute("create role " + role + " login");
    }

    @AfterEach
    void dropRole() throws SQLException {
        log.close();
        execute("drop owned by " + role);
        execute("drop role " + role);
    }

    @Test
    @DisplayName("stores calls, reports them and prices them again")
    void calls() throws Exception {
        oneTable();
        JpaUsageRepository calls = new JpaUsageRepository(store);
        CallRecord call = unpriced(NOW.minusSeconds(60));

        calls.check();
        calls.store(call);
        calls.storeAgain(call);
        calls.storeAll(List.of(unpriced(NOW), call));
        calls.countTooOld(1);
        Repricing repricing = Repricings.of(PRICES, new JpaUsageRepricing(store));
        repricing.begin(Window.ALWAYS, false);

        assertThat(Repricings.awaitEnd(repricing).state()).isEqualTo(RepricingState.DONE);
        assertThat(text("select count(*) from llm_calls where cost_usd > 0")).isEqualTo("2");
        assertThat(Reports.of(store).callsOfAll(CallFilter.ALL, null, 10)).hasSize(2);
        assertThat(warnings()).isEmpty();
    }

    @Test
    @DisplayName("makes rollups, and reports use them")
    void rollups() throws Exception {
        oneTable();
        JpaUsageRepository calls = new JpaUsageRepository(store);
        RollupUpkeep upkeep = new RollupUpkeep(store, LongSteps.Watch.NONE);

        calls.store(unpriced(OLD));
        assertThat(upkeep.upToDate()).isTrue();
        calls.store(unpriced(OLD));
        assertThat(upkeep.upToDate()).isTrue();

        assertThat(text("select count(*) from tokentally_rollups")).isNotEqualTo("0");
        assertThat(text("select count(*) from tokentally_rollup_marks")).isEqualTo("0");
        assertThat(callsReported()).isEqualTo(2);
        assertThat(nodes().rollups().dirty()).isZero();
        assertThat(warnings()).isEmpty();
    }

    @Test
    @DisplayName("tells other nodes how recording goes, and forgets nodes that are gone")
    void heartbeats() throws Exception {
        oneTable();
        JpaRecordingNodes nodes = nodes();
        NodeState here = node();
        NodeState gone = node();
        RejectedCall refused = new RejectedCall(
                UUID.randomUUID(), "acme", "chat", NOW, NOW, 1, NOW, "refused", gone.application(), gone.node());

        assertThat(nodes.beat(here, null, 0)).isPresent();
        assertThat(nodes.beat(gone, null, 0)).isPresent();
        nodes.show(gone.id(), Set.of(), List.of(refused), true);
        nodes.askForRetries();
        assertThat(nodes.rejected(here.id(), null, 10)).hasSize(1);
        assertThat(nodes.all()).hasSize(2);
        nodes.partitions();
        nodes.retention();
        nodes.show(gone.id(), Set.of(refused.id()), List.of(refused), false);
        execute("update tokentally_nodes set last_seen = last_seen - interval '8' day where id = '" + gone.id() + "'");
        nodes.forget();

        assertThat(nodes.all()).hasSize(1);
        assertThat(text("select count(*) from tokentally_rejected")).isEqualTo("0");
        assertThat(warnings()).isEmpty();
    }

    @Test
    @DisplayName("erases users")
    void erasures() throws Exception {
        oneTable();
        KnownErasures known = new KnownErasures(store, settings(Map.of("tokentally.user.hash-key", "a key")));
        JpaUserErasures erasures = new JpaUserErasures(store, reader(), known);
        NodeState here = node();
        nodes().beat(here, null, 0);
        new JpaUsageRepository(store, known).store(unpriced(NOW).withUser("ann"));

        Erasure asked = erasures.ask("acme", "ann");
        assertThat(erasures.read()).isTrue();
        erasures.tell(here.id());
        assertThat(erasures.open()).hasSize(1);
        assertThat(erasures.take(asked.id(), here.id())).isPresent();
        erasures.counted(asked.id(), erasures.count(asked.id(), null).rows());
        assertThat(erasures.erase(asked.id(), null).rows()).isOne();
        erasures.waits(asked.id());
        erasures.behind(asked.id());
        erasures.writers();
        assertThat(erasures.find(asked.id())).isPresent();
        assertThat(erasures.done(asked.id(), asked.round())).isTrue();

        assertThat(text("select user_id from llm_calls")).startsWith("erased-");
        assertThat(warnings()).isEmpty();
    }

    @Test
    @DisplayName("drops old calls of one table")
    void retention() throws Exception {
        oneTable();
        new JpaUsageRepository(store).storeAll(List.of(unpriced(OLD), unpriced(NOW)));
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();

        assertThat(retentionJob().round()).isTrue();

        checkDropped();
    }

    @Test
    @DisplayName("drops months of a table with partitions")
    void months() throws Exception {
        runScripts("V.*|[12]_.*");
        grant("grant .*|alter table llm_calls owner .*");
        runScripts("[345]_.*");
        OffsetDateTime month =
                OLD.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
        String name = "llm_calls_" + month.toString().substring(0, 7).replace('-', '_');
        // The month that 4_months.sql would have made long ago.
        execute("alter table llm_calls detach partition llm_calls_first");
        execute("create table " + name + " partition of llm_calls for values from ('" + month + "') to ('"
                + month.plusMonths(1) + "')");
        execute("alter table " + name + " owner to " + role);
        execute("alter table llm_calls attach partition llm_calls_first for values from (minvalue) to ('" + month
                + "')");
        runScripts("5_.*");
        open(true);
        new JpaUsageRepository(store).storeAll(List.of(unpriced(OLD), unpriced(NOW)));
        assertThat(new RollupUpkeep(store, LongSteps.Watch.NONE).upToDate()).isTrue();

        retentionJob().round();

        assertThat(text("select to_regclass('" + name + "')")).isNull();
        checkDropped();
    }

    @Test
    @DisplayName("may neither read another table nor make one")
    void nothingElse() throws Exception {
        oneTable();
        execute("create table elsewhere (id integer)");
        try (Connection connection = roles().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of("select * from elsewhere", "create table another (id integer)")) {
                assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(SQLException.class);
            }
        }
    }

    private void checkDropped() throws Exception {
        assertThat(text("select count(*) from llm_calls")).isEqualTo("1");
        assertThat(text("select dropped_calls from tokentally_rollup_state where id = 2"))
                .isEqualTo("1");
        assertThat(callsReported()).isEqualTo(2);
        assertThat(warnings()).isEmpty();
    }

    private RetentionJob retentionJob() {
        return new RetentionJob(
                store,
                settings(Map.of("tokentally.retention.calls", "60d", "tokentally.retention.rollups", "3650d")),
                Clock.systemUTC(),
                Duration.ZERO);
    }

    private void oneTable() throws Exception {
        runScripts("V.*|[125]_.*");
        grant("grant .*");
        open(false);
    }

    /** Runs the page's scripts whose names match, in the page's order. */
    private void runScripts(String names) throws Exception {
        for (String line : page) {
            Matcher script = SCRIPT.matcher(line);
            if (script.find() && script.group(1).matches(names)) {
                String folder = script.group(1).startsWith("V1_")
                        ? "schema"
                        : script.group(1).startsWith("V") ? "schema-postgresql" : "schema-postgresql-long";
                String file = "dev/tokentally/" + folder + "/" + script.group(1);
                if (script.group(1).startsWith("V")) {
                    execute("begin; " + Files.readString(Path.of("src/main/resources", file)) + "; commit");
                } else {
                    for (String statement : LongStep.read(file).statements()) {
                        execute(statement);
                    }
                }
            }
        }
    }

    /** Runs the page's statements that match. */
    private void grant(String statements) throws SQLException {
        for (String line : page) {
            String statement = line.replaceFirst("\\s*--.*", "");
            if (statement.endsWith("ROLE;") && statement.matches(statements)) {
                execute(statement.replace("ROLE", role));
            }
        }
    }

    /** The lines of the page's section for a DBA. */
    private static List<String> page() {
        try {
            return Files.readString(Path.of("../docs/upgrades.md"))
                    .lines()
                    .dropWhile(line -> !line.startsWith("## By a DBA"))
                    .skip(1)
                    .takeWhile(line -> !line.startsWith("## "))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> warnings() {
        return log.lines().stream()
                .filter(line -> line.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogRecord::getMessage)
                .toList();
    }

    private long callsReported() throws UsageStoreException {
        return Reports.of(store)
                .report(new UsageQuestion(null, Window.ALWAYS).by(Dimension.TENANT))
                .total()
                .perCall()
                .totalCalls();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dbas.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String text(String query) throws SQLException {
        try (Connection connection = dbas.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private void open(boolean hasPartitions) {
        store = TestDatabases.store(
                Map.of("tokentally.schema.migrate", "false", "tokentally.partitions", Boolean.toString(hasPartitions)));
        store.open(roles());
    }

    private PGSimpleDataSource roles() {
        PGSimpleDataSource roles = new PGSimpleDataSource();
        roles.setUrl(dbas.getUrl());
        roles.setUser(role);
        return roles;
    }

    private JpaRecordingNodes nodes() {
        return new JpaRecordingNodes(store, reader());
    }

    private StoreReader reader() {
        StoreReader reader = new StoreReader(store, settings(Map.of()));
        reader.start(work -> {
            Thread thread = new Thread(work, "reader");
            thread.setDaemon(true);
            return thread;
        });
        return reader;
    }

    private static Settings settings(Map<String, String> config) {
        return new Settings(new MapConfig(config));
    }

    private static NodeState node() {
        return new NodeState(UUID.randomUUID(), "app", "node", "sync", "closed", 0, null, 0, 0, 0, false);
    }

    private static CallRecord unpriced(Instant start) {
        return Calls.ok("acme", start).withCost(new Cost(BigDecimal.ZERO.setScale(10), CostSource.NONE));
    }
}
