package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A call scope")
class ScopesIT {

    private static final String NAME = "scopes";
    private static final String API = "/" + NAME + "/api";
    private static final Duration LOGGED = Duration.ofSeconds(20);

    private static final int REQUESTS = 1000;
    private static final int AT_A_TIME = 16;
    private static final List<String> OPERATIONS = List.of("summarise", "translate", "classify");

    /** The ways to make calls, and the number of calls that a request makes in each way. */
    private static final Map<String, Integer> WAYS =
            Map.of("request", 1, "asynchronous", 1, "timer", 1, "fan-out", 8, "chain", 3, "threads", 2);

    private final Postgres postgres = Postgres.started();
    private final UUID call = UUID.randomUUID();
    private final String tenant = "tenant of " + call;

    private LogMark log;

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.named(NAME, Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @BeforeEach
    void markTheLog() {
        log = TestServer.current().log().mark();
    }

    @OnOnePayara
    @Test
    @DisplayName(
            "covers each call of 1,000 interleaved requests under the request's own tenant, operation and call id, once")
    void interleaved() throws Exception {
        List<Asked> all = new ArrayList<>();
        List<String> ways = List.copyOf(WAYS.keySet());
        for (int i = 0; i < REQUESTS; i++) {
            all.add(new Asked(
                    tenant + " " + i % 2,
                    OPERATIONS.get(i % OPERATIONS.size()),
                    UUID.randomUUID(),
                    ways.get(i / 6 % ways.size())));
        }
        Collections.shuffle(all, new Random(1));
        ExecutorService clients = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Callable<Integer>> requests =
                    all.stream().<Callable<Integer>>map(asked -> asked::send).toList();
            List<Future<Integer>> answers = clients.invokeAll(requests);
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(answers.get(i).get()).isEqualTo(WAYS.get(all.get(i).way()));
            }
        } finally {
            clients.shutdownNow();
        }

        // A record of an EJB's call in its transaction is stored a little later.
        postgres.await(
                all.stream().mapToInt(asked -> WAYS.get(asked.way())).sum(),
                "select 1 from llm_calls where tenant_id like ?",
                tenant + " %");
        Set<Found> expected = new HashSet<>();
        all.forEach(asked -> expected.add(asked.expected()));
        assertThat(found()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    @DisplayName("outlives its request in a snapshot, and does not change the scopes of those who use the snapshot")
    void afterTheRequest() {
        Http.post(API + "/scopes/after-the-request", "tenant", tenant, "operation", "kept", "call", call);
        UUID made = UUID.randomUUID();
        assertThat(Http.post(API + "/scopes/use-the-kept", "call", made))
                .isEqualTo("another tenant, another operation");

        postgres.await(10, "select 1 from llm_calls where tenant_id = ? and model = ?", tenant, made.toString());
        assertThat(postgres.query(
                        "select operation, count(*) as calls, count(distinct call_id) as ids from llm_calls"
                                + " where tenant_id = ? and model = ? group by operation",
                        tenant,
                        made.toString()))
                .containsExactly(Map.of("operation", "kept", "calls", 10L, "ids", 1L));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is entered by annotation wherever the code runs, for the tenant that the WAR's resolver names")
    @ValueSource(strings = {"request", "asynchronous", "timer", "managed", "thread"})
    void annotated(String place) throws InterruptedException {
        UUID entered = UUID.fromString(Http.post(API + "/scopes/annotated/" + place, "tenant", tenant));

        assertThat(rowsOf(entered)).containsExactly(Map.of("tenant_id", tenant, "operation", "annotated"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("cannot be entered by annotation without a known tenant, and the exception names the method")
    @ValueSource(strings = {"request", "asynchronous", "timer", "managed", "thread"})
    void withoutTenant(String place) {
        assertThat(Http.post(API + "/scopes/nobody/" + place))
                .startsWith("dev.tokentally.scope.MissingCallScopeException @LlmOperation on"
                        + " dev.tokentally.it.customer.ejb.AnnotatedWork.annotated found no tenant");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "of a method that returns before its work is done stays with the work, and the caller gets its own scope back")
    @CsvSource({"captured, captured", "fault-tolerance, async class"})
    void later(String kind, String operation) throws InterruptedException {
        String[] answer =
                Http.post(API + "/scopes/later/" + kind, "tenant", tenant).split(" ");

        assertThat(answer).hasSize(3).endsWith("outer", "outer");
        assertThat(rowsOf(UUID.fromString(answer[0])))
                .containsExactly(Map.of("tenant_id", tenant, "operation", operation));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("travels with the server's own managed executors and context services, but the request does not")
    @ValueSource(strings = {"default", "executor", "context"})
    void contextService(String by) throws InterruptedException {
        assertThat(Http.post(API + "/context-services/" + by, "tenant", tenant, "call", call))
                .isEqualTo("answer");
        assertThat(rowsOf(call)).hasSize(1);
    }

    /**
     * Each executor of Payara has one field for the providers of the task that is being submitted, and threads that submit
     * at the same time empty it for each other ({@code ContextSetupProviderImpl.saveContext}). Such a task begins without
     * the scope.
     */
    @OnOnePayara
    @ParameterizedTest(name = "{0}")
    @DisplayName("is right when many threads submit to one executor at once, or, on Payara without a snapshot, missing")
    @ValueSource(strings = {"default", "snapshot"})
    void submittedAtOnce(String by) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(AT_A_TIME);
        List<String> answers = new ArrayList<>();
        try {
            List<Callable<String>> requests = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                Object[] parameters = {"tenant", tenant + " " + i, "call", call};
                requests.add(() -> Http.post(API + "/context-services/" + by, parameters));
            }
            for (Future<String> answer : clients.invokeAll(requests)) {
                answers.add(answer.get());
            }
        } finally {
            clients.shutdownNow();
        }

        if (by.equals("default") && TestServer.current() != TestServer.WILDFLY) {
            assertThat(Set.copyOf(answers)).contains("answer").isSubsetOf("answer", "no scope");
        } else {
            assertThat(answers).containsOnly("answer");
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            if (answers.get(i).equals("answer")) {
                expected.add(tenant + " " + i);
            }
        }
        postgres.await(expected.size(), "select 1 from llm_calls where call_id = ?", call);
        assertThat(postgres.query("select tenant_id from llm_calls where call_id = ?", call))
                .extracting(row -> row.get("tenant_id"))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "takes the request's X-Request-ID as its call id if it is a UUID, or else a new one, and sends it back")
    @CsvSource({"true, 0f8fad5b-d9cb-469f-a165-70867728950e", "false, 1-1-1-1-1", "false, not a UUID"})
    void requestId(boolean taken, String header) throws InterruptedException {
        HttpResponse<String> response = Http.send(
                HttpRequest.newBuilder(TestServer.current().uri(API + "/scopes/own-id" + Http.query("tenant", tenant)))
                        .header("X-Request-ID", header)
                        .POST(BodyPublishers.noBody()));

        assertThat(response.headers().allValues("X-Request-ID")).containsExactly(response.body());
        assertThat(response.body().equals(header)).isEqualTo(taken);
        assertThat(rowsOf(UUID.fromString(response.body())))
                .containsExactly(Map.of("tenant_id", tenant, "operation", "own id"));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is corrected after misuse, and one WARNING says where it was entered")
    @CsvSource({
        "twice, outer, closed again",
        "out-of-order, outermost outermost, closed before those inside of it",
        "other-thread, outer, closed on another thread",
        "thread-of-its-own, none inactive, closed on another thread",
        "left-open, '', ended with an open call scope",
        "left-open-in-a-timer, '', ended with an open call scope",
    })
    void misused(String misuse, String left, String warning) throws Exception {
        assertThat(Http.post(API + "/misuse/" + misuse)).isEqualTo(left);

        assertThat(log.await(warning, LOGGED))
                .contains("tenant=acme operation=", "MisuseResource.", "MisuseResource.java:");
        assertThat(log.linesWith("call scope")).hasSize(1);
    }

    @OnOneServer
    @ParameterizedTest(name = "{0}")
    @DisplayName("leaves nothing behind on a pooled thread, 4,000 times")
    @ValueSource(strings = {"managed", "plain"})
    void many(String pool) throws Exception {
        ServerProcess server = new ServerProcess(TestServer.current().process().orElseThrow());
        assertThat(Http.post(API + "/misuse/many", "pool", pool, "scopes", 4000))
                .isEqualTo("0");
        Map<String, Long> before = server.instances();

        assertThat(Http.post(API + "/misuse/many", "pool", pool, "scopes", 4000))
                .isEqualTo("0");

        Map<String, Long> grown = server.instances();
        grown.replaceAll((type, count) -> count - before.getOrDefault(type, 0L));
        grown.values().removeIf(count -> count < 2000);
        assertThat(grown).isEmpty();
    }

    private List<Map<String, Object>> rowsOf(UUID callId) throws InterruptedException {
        return postgres.await(1, "select tenant_id, operation from llm_calls where call_id = ?", callId);
    }

    private List<Found> found() {
        return postgres
                .query(
                        "select tenant_id, operation, call_id, model, count(*) as calls from llm_calls"
                                + " where tenant_id like ? group by tenant_id, operation, call_id, model",
                        tenant + " %")
                .stream()
                .map(row -> new Found(
                        (String) row.get("tenant_id"),
                        (String) row.get("operation"),
                        (UUID) row.get("call_id"),
                        (String) row.get("model"),
                        (Long) row.get("calls")))
                .toList();
    }

    private static HttpRequest.Builder request(String way, String tenant, String operation, UUID call) {
        return HttpRequest.newBuilder(TestServer.current()
                        .uri(API + "/scopes/ways/" + way
                                + Http.query("tenant", tenant, "operation", operation, "call", call)))
                .POST(BodyPublishers.noBody());
    }

    private record Asked(String tenant, String operation, UUID call, String way) {

        int send() {
            HttpResponse<String> response =
                    Http.send(request(way, tenant, operation, call).header("X-Request-ID", call.toString()));
            assertThat(response.statusCode()).as(this + response.body()).isEqualTo(200);
            return Integer.parseInt(response.body());
        }

        /** The model's name is the id of the request that asked it. */
        Found expected() {
            return new Found(tenant, operation, call, call.toString(), WAYS.get(way));
        }
    }

    private record Found(String tenant, String operation, UUID call, String model, long calls) {}
}
