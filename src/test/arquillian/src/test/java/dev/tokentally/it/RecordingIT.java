package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.tokentally.it.customer.CustomerArchive;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application that records in PostgreSQL")
class RecordingIT {

    private static final String NAME = "customer";
    private static final String CALLS = "/" + NAME + "/api/calls";

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();

    private static final String OUTAGE = "The store takes no records";
    private static final String OVER = "The store takes records again";
    private static final String REFUSED = "The store refuses a record";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String SILENT = "Tokentally has seen no LLM call in it";

    private static LogMark beforeTheStart;

    private LogMark log;

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        beforeTheStart = TestServer.current().log().mark();
        Map<String, String> config = new HashMap<>(Map.of(
                "tokentally.datasource",
                DataSources.POSTGRES.jndiName(),
                "tokentally.retention.call",
                "90d",
                "tokentally.node",
                "${customer.unknown}"));
        if (!Boolean.getBoolean("ship-eclipselink")) {
            return CustomerArchive.named(NAME, config);
        }
        config.put("tokentally.persistence.provider", "eclipselink");
        return CustomerArchive.withLibraries(NAME, config, Product.eclipseLink());
    }

    @BeforeEach
    void markTheLog() {
        log = TestServer.current().log().mark();
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("gets exactly one row for each call of a decorated bean, wherever the bean is")
    @ValueSource(strings = {"ejb", "war", "session", "http-session", "http-session-written"})
    void decorated(String bean) {
        Instant before = Instant.now();

        assertThat(Http.post(CALLS, "bean", bean, "tenant", "acme", "operation", "chat", "call", call))
                .isEqualTo("answer");

        assertThat(rows(1, call)).singleElement().satisfies(row -> {
            assertThat(row)
                    .containsEntry("tenant_id", "acme")
                    .containsEntry("operation", "chat")
                    .containsEntry("provider", bean.replace("-written", ""))
                    .containsEntry("model", "m")
                    .containsEntry("input_tokens", 100)
                    .containsEntry("output_tokens", 40)
                    .containsEntry("cached_input_tokens", 60)
                    .containsEntry("cache_write_tokens", 10)
                    .containsEntry("reasoning_tokens", 30)
                    .containsEntry("cost_usd", new BigDecimal("0.2500000000"))
                    .containsEntry("cost_source", "provider")
                    .containsEntry("status", "ok")
                    .containsEntry("error_class", null)
                    .containsEntry("first_token_ms", null);
            assertThat(((UUID) row.get("id")).version()).isEqualTo(7);
            assertThat(((Timestamp) row.get("started_at")).toInstant())
                    .isBetween(before.minusSeconds(1), Instant.now());
            assertThat((Long) row.get("call_duration_ms")).isBetween(0L, 10_000L);
        });
    }

    @Test
    @DisplayName("gets no row for a bean of an archive that does not list the decorator")
    void notListed() {
        assertThat(Http.post(CALLS, "bean", "unlisted", "tenant", "acme", "call", call))
                .isEqualTo("answer");

        assertThat(rows(0, call)).isEmpty();
    }

    @Test
    @DisplayName("finds at its start a line in the log for each kind of bean that is not decorated, and the remedy")
    void undecoratedBean() {
        assertThat(beforeTheStart.linesWith("have no records"))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "as the decorator is not enabled for them: dev.tokentally.it.customer.plain.UnlistedModel. Add"
                                        + " <decorators><class>dev.tokentally.tracking.TrackingLlmDecorator</class></decorators>"
                                        + " to the beans.xml"))
                .anySatisfy(
                        line -> assertThat(line)
                                .contains(
                                        "so CDI does not decorate them: dev.tokentally.it.customer.ejb.TypedModel. Add LlmPort.class"));
    }

    @Test
    @DisplayName("finds at its start a line in the log for each kind of annotation that has no effect")
    void annotationsWithoutEffect() {
        assertThat(beforeTheStart.linesWith("@LlmOperation has no effect"))
                .hasSize(2)
                .anySatisfy(line -> assertThat(line)
                        .contains("calls: dev.tokentally.it.customer.plain.Misannotated.fixed,"
                                + " dev.tokentally.it.customer.plain.Misannotated.hidden. Put it on a public method"))
                .anySatisfy(line -> assertThat(line)
                        .contains("interfaces: dev.tokentally.it.customer.plain.Summaries.summary"
                                + " (dev.tokentally.it.customer.plain.Misannotated). Put it on the class"));
    }

    @Test
    @DisplayName(
            "finds at its start a line in the log for each configuration key that is misspelt or refers to nothing")
    void keysWithoutEffect() {
        assertThat(beforeTheStart.linesWith("Tokentally does not read"))
                .filteredOn(line -> line.contains("retention"))
                .singleElement(STRING)
                .contains("the configuration key tokentally.retention.call. Did you mean tokentally.retention.calls?");
        assertThat(beforeTheStart.linesWith("refers to something that is not set"))
                .singleElement(STRING)
                .contains("The value of the configuration key tokentally.node refers to");
    }

    @Test
    @DisplayName("finds one line in the log about an operation without any call, and none about other operations")
    void silentOperation() throws InterruptedException {
        assertThat(Http.post(CALLS + "/unseen", "tenant", "acme")).isEqualTo("answer");
        assertThat(Http.post(CALLS + "/unseen", "tenant", "acme")).isEqualTo("answer");
        UUID seen = UUID.fromString(Http.post(CALLS + "/annotated", "bean", "session", "tenant", "acme"));

        assertThat(rows(1, seen)).hasSize(1);
        assertThat(beforeTheStart.linesWith(SILENT))
                .singleElement(STRING)
                .contains("@LlmOperation on dev.tokentally.it.customer.plain.PlainService.unseen has ended");
    }

    @Test
    @DisplayName("gets a row for each attempt of a bean with @Retry")
    void retriedByTheCustomer() {
        assertThat(Http.post(CALLS, "bean", "flaky", "tenant", "acme", "call", call))
                .isEqualTo("answer");

        assertThat(rows(3, call)).extracting(row -> row.get("status")).containsExactly("error", "error", "ok");
        assertThat(rows(3, call))
                .extracting(row -> row.get("error_class"))
                .containsExactly("IllegalStateException", "IllegalStateException", null);
    }

    @Test
    @DisplayName(
            "gets the inner scope's calls under the inner scope, and is back in the outer scope when the inner one closes")
    void nestedScopes() {
        UUID inner = UUID.randomUUID();

        assertThat(Http.post(CALLS + "/nested", "tenant", "acme", "outer", call, "inner", inner))
                .isEqualTo("outer");

        assertThat(rows(2, call)).extracting(row -> row.get("operation")).containsExactly("outer", "outer");
        assertThat(rows(1, inner)).extracting(row -> row.get("operation")).containsExactly("inner");
    }

    @Test
    @DisplayName("gets an exception that names bean and caller for a call without a scope, before the model is asked")
    void missingScope() {
        assertThat(Http.post(CALLS + "/unscoped"))
                .startsWith("threw dev.tokentally.scope.MissingCallScopeException")
                .contains("the bean dev.tokentally.it.customer.ejb.EjbModel was called by"
                        + " dev.tokentally.it.customer.web.CallsResource.unscoped(CallsResource.java:");
        assertThat(Http.post(CALLS + "/outside")).isEqualTo("missing missing");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("has the tenant that a resolver in its WAR names, for a scope that is entered in its EJB module")
    @ValueSource(strings = {"cdi", "session", "field", "http-session", "http-session-written"})
    void annotatedScope(String bean) throws InterruptedException {
        UUID entered = UUID.fromString(Http.post(CALLS + "/annotated", "bean", bean, "tenant", "from the WAR"));

        assertThat(rows(1, entered)).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("tenant_id", "from the WAR")
                .containsEntry("operation", "annotated"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("gets a row with the error class for each call that throws, and gets the very same exception")
    @CsvSource({
        "throw, java.lang.IllegalStateException, IllegalStateException, '', 0, 0",
        "throw-error, java.lang.StackOverflowError, StackOverflowError, '', 0, 0",
        "throw-anonymous, dev.tokentally.it.customer.ejb.Script$1, IllegalArgumentException, '', 0, 0",
        "throw-billed, dev.tokentally.it.customer.ejb.Script$Billed, Billed, gpt-4o, 50, 0.75",
    })
    void throwing(String script, String thrown, String errorClass, String model, int inputTokens, BigDecimal cost) {
        assertThat(Http.post(CALLS, "tenant", "acme", "call", call, "script", script))
                .isEqualTo("threw " + thrown + " cause=null suppressed=0");

        assertThat(rows(1, call)).singleElement().satisfies(row -> {
            assertThat(row)
                    .containsEntry("status", "error")
                    .containsEntry("error_class", errorClass)
                    .containsEntry("model", model)
                    .containsEntry("input_tokens", inputTokens);
            assertThat((BigDecimal) row.get("cost_usd")).isEqualByComparingTo(cost);
        });
    }

    @Test
    @DisplayName("gets a row with a class name that is cut to its column if it is too long")
    void longClassName() {
        Http.post(CALLS, "tenant", "acme", "call", call, "script", "throw-long-name");

        assertThat(rows(1, call)).singleElement().satisfies(row -> assertThat((String) row.get("error_class"))
                .hasSize(128)
                .startsWith("AnExceptionWhoseNameIsLongerThanItsColumn"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("gets a row with corrected values if its adapter gives impossible ones")
    @CsvSource({
        "null-response, '', '', 0, 0, 0, 0, 0, 0, none",
        "null-parts, '', '', 0, 0, 0, 0, 0, 0, none",
        "negative-tokens, ejb, m, 0, 0, 0, 0, 0, 0.5, provider",
        "parts-too-large, ejb, m, 10, 20, 10, 10, 20, 0.5, provider",
        "broken-model, ejb, a\uFFFDb\uFFFD, 100, 40, 60, 10, 30, 0.5, provider",
        "cost-nan, ejb, m, 100, 40, 60, 10, 30, 0, none",
        "cost-infinite, ejb, m, 100, 40, 60, 10, 30, 0, none",
        "cost-negative, ejb, m, 100, 40, 60, 10, 30, 0, none",
        "cost-huge, ejb, m, 100, 40, 60, 10, 30, 0, none",
        "cost-null, ejb, m, 100, 40, 60, 10, 30, 0, none",
    })
    void putRight(
            String script,
            String provider,
            String model,
            int input,
            int output,
            int cachedInput,
            int cacheWrite,
            int reasoning,
            BigDecimal cost,
            String costSource)
            throws InterruptedException {
        String answer = Http.post(CALLS, "tenant", "acme", "call", call, "script", script);

        assertThat(answer).isEqualTo(script.equals("null-response") ? "null" : "answer");
        assertThat(rows(1, call)).singleElement().satisfies(row -> {
            assertThat(row)
                    .containsEntry("status", "ok")
                    .containsEntry("provider", provider)
                    .containsEntry("model", model)
                    .containsEntry("input_tokens", input)
                    .containsEntry("output_tokens", output)
                    .containsEntry("cached_input_tokens", cachedInput)
                    .containsEntry("cache_write_tokens", cacheWrite)
                    .containsEntry("reasoning_tokens", reasoning)
                    .containsEntry("cost_source", costSource);
            assertThat((BigDecimal) row.get("cost_usd")).isEqualByComparingTo(cost);
        });
        int warnings = List.of("null-response", "null-parts", "negative-tokens", "parts-too-large")
                        .contains(script)
                ? 1
                : 0;
        if (warnings > 0) {
            log.await("An LLM adapter reported impossible values", Duration.ofSeconds(20));
        }
        assertThat(log.linesWith("An LLM adapter reported impossible values")).hasSize(warnings);
    }

    @Test
    @DisplayName("gets a row with names that are cut to their columns if they are too long")
    void longNames() {
        Http.post(CALLS, "tenant", "acme", "call", call, "script", "long-model");

        assertThat(rows(1, call)).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("provider", "p".repeat(64))
                .containsEntry("model", "m".repeat(255)));
    }

    @ParameterizedTest
    @DisplayName("gets rows for tenants with quotes, markup, emoji and other scripts in their names")
    @ValueSource(strings = {"O'Reilly \"& Söhne\"; drop table llm_calls; --", "<img src=x onerror=alert(1)>", "🦊 東京"})
    void unusualTenants(String tenant) {
        assertThat(Http.post(CALLS, "tenant", tenant, "call", call)).isEqualTo("answer");

        assertThat(rows(1, call)).singleElement().satisfies(row -> assertThat(row)
                .containsEntry("tenant_id", tenant));
    }

    @Test
    @DisplayName("learns at scope entry what is wrong with a tenant or an operation")
    void badScopes() {
        assertThat(Http.post(CALLS, "tenant", " ", "call", call)).isEqualTo("refused tenantId must not be blank");
        assertThat(Http.post(CALLS, "tenant", "t".repeat(256), "call", call)).startsWith("refused tenantId has 256");
        assertThat(Http.post(CALLS, "tenant", "a\nINFO forged", "call", call))
                .isEqualTo("refused tenantId must not hold a control character, found U+000A at index 1");
        assertThat(Http.post(CALLS, "tenant", "acme", "operation", "", "call", call))
                .isEqualTo("refused operation must not be blank");
        assertThat(Http.post(CALLS, "tenant", "acme", "operation", "o".repeat(65), "call", call))
                .startsWith("refused operation has 65");
        assertThat(rows(0, call)).isEmpty();
    }

    @Test
    @DisplayName("keeps control of its transaction: it rolls back, and the row stays")
    void rollback() throws InterruptedException {
        postgres.execute("create table if not exists business (id uuid)");

        assertThat(Http.post(
                        CALLS + "/transaction",
                        "tenant",
                        "acme",
                        "call",
                        call,
                        "end",
                        "rollback",
                        "source",
                        DataSources.POSTGRES.jndiName()))
                .isEqualTo("marked");

        assertThat(rows(1, call)).hasSize(1);
        // If the record had joined the transaction and committed it, the customer's row would also be committed.
        assertThat(postgres.query("select 1 from business where id = ?", call)).isEmpty();
    }

    @Test
    @DisplayName(
            "keeps control of its transaction: it commits although the store refuses the record, which is set aside and logged once")
    void recordingFails() throws InterruptedException {
        postgres.execute("alter table llm_calls add constraint no_forbidden check (tenant_id <> 'forbidden')");
        try {
            assertThat(Http.post(CALLS + "/transaction", "tenant", "forbidden", "call", call, "end", "commit"))
                    .isEqualTo("active");
            assertThat(log.await(REFUSED, PATIENCE))
                    .contains("tenant=forbidden", "operation=transaction", "no_forbidden", "/recording/rejected");
            // Without the constraint, the next try stores the record.
            assertThat(rows(0, call)).isEmpty();
        } finally {
            postgres.execute("alter table llm_calls drop constraint no_forbidden");
        }

        assertThat(log.linesWith(REFUSED)).hasSize(1);
    }

    @Test
    @DisplayName("has a record set aside, and logged once, if another call has its id")
    void takenId() throws InterruptedException {
        UUID id = UUID.randomUUID();
        Http.post(CALLS + "/record", "tenant", "acme", "id", id, "startedAt", "2026-11-23T12:00:00Z");
        List<Map<String, Object>> first = postgres.await(1, "select * from llm_calls where id = ?", id);

        // On PostgreSQL tenant and start belong to the key, so they are the same here.
        Http.post(CALLS + "/record", "tenant", "acme", "id", id, "startedAt", "2026-11-23T12:00:00Z");

        assertThat(log.await(REFUSED, PATIENCE))
                .contains("tenant=acme", "operation=time", "another call has the id " + id);
        assertThat(postgres.query("select * from llm_calls where id = ?", id)).isEqualTo(first);
        assertThat(log.linesWith(REFUSED)).hasSize(1);
    }

    @Test
    @DisplayName("gets a row for a call whose thread is interrupted, and the thread stays interrupted")
    void interrupted() {
        assertThat(Http.post(CALLS, "tenant", "acme", "call", call, "script", "interrupt"))
                .isEqualTo("answer interrupted");

        assertThat(rows(1, call)).hasSize(1);
    }

    @Test
    @DisplayName("gets a row for a call after a restart of PostgreSQL")
    void afterARestart() throws InterruptedException {
        UUID second = UUID.randomUUID();
        Http.post(CALLS, "tenant", "acme", "call", call);

        postgres.restart();
        assertThat(Http.post(CALLS, "tenant", "acme", "call", second)).isEqualTo("answer");

        assertThat(rows(1, call)).hasSize(1);
        assertThat(rows(1, second)).hasSize(1);
    }

    @Test
    @DisplayName(
            "gets its answers and every row while PostgreSQL is down, with one log line at the beginning and one at the end")
    void down() throws InterruptedException {
        UUID after = UUID.randomUUID();
        Http.post(CALLS, "tenant", "acme", "call", UUID.randomUUID());
        postgres.stop();
        try {
            assertThat(Http.post(CALLS, "tenant", "acme", "operation", "while-down", "call", call))
                    .isEqualTo("answer");
            log.await(OUTAGE, PATIENCE);
        } finally {
            postgres.start();
        }
        assertThat(Http.post(CALLS, "tenant", "acme", "call", after)).isEqualTo("answer");

        assertThat(rows(1, call)).hasSize(1);
        assertThat(rows(1, after)).hasSize(1);
        log.await(OVER, PATIENCE);
        assertThat(log.linesWith(OUTAGE)).singleElement().satisfies(line -> assertThat(line)
                .contains("is out of reach", "wait in"));
        assertThat(log.linesWith(OVER)).hasSize(1);
        assertThat(log.lines()).noneMatch(line -> line.contains("not recorded"));
    }

    @Test
    @DisplayName("never has a prompt, an answer or an exception's message in its log or its rows")
    void secrets() {
        Http.post(CALLS, "tenant", "acme", "call", call, "script", "throw");
        Http.post(CALLS, "tenant", "acme", "call", call);

        assertThat(rows(2, call).toString())
                .doesNotContain("secret", "answer", "the message of a failure", "tenant of the request");
        assertThat(log.lines())
                .noneMatch(line -> line.contains("secret system") || line.contains("the message of a failure"));
    }

    @Test
    @DisplayName("has its calls before and after the repeated hour at the right instants, on a server in Amsterdam")
    void repeatedHour() {
        String tenant = "time " + call;
        List<String> instants =
                List.of("2026-10-25T01:30:00.000001Z", "2026-10-25T00:30:00.000001Z", "2026-03-29T01:30:00Z");
        for (String instant : instants) {
            Http.post(CALLS + "/record", "tenant", tenant, "id", UUID.randomUUID(), "startedAt", instant);
        }

        assertThat(Http.get(CALLS + "/started", "tenant", tenant)).isEqualTo(String.join(" ", instants));
        assertThat(postgres.query(
                        "select to_char(started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') as utc from llm_calls"
                                + " where tenant_id = ? order by started_at desc",
                        tenant))
                .extracting(row -> row.get("utc"))
                .containsExactly(
                        "2026-10-25 01:30:00.000001", "2026-10-25 00:30:00.000001", "2026-03-29 01:30:00.000000");
    }

    /** Waits until an outage that a test has caused is over, before the next test begins. */
    @AfterEach
    void awaitTheStore() throws InterruptedException {
        if (!log.linesWith(OUTAGE).isEmpty()) {
            log.await(OVER, PATIENCE);
        }
    }

    /**
     * The rows of a call. Waits for them, because records of calls in a transaction, during an outage or on a busy machine are
     * stored a little later.
     */
    private List<Map<String, Object>> rows(int expected, UUID callId) {
        return postgres.await(expected, "select * from llm_calls where call_id = ? order by id", callId);
    }
}
