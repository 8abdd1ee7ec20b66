package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("The attributes of a call scope")
class AttributesIT {

    private static final String NAME = "attributes";
    private static final String API = "/" + NAME + "/api/attributes";

    private static final int CALLS = 1000;
    private static final int USERS = 4;
    private static final int SESSIONS = 8;
    private static final int TEAMS = 3;
    private static final int AT_A_TIME = 16;

    /** The ways to make calls, and the number of calls that a request makes in each way. */
    private static final Map<String, Integer> WAYS = Map.ofEntries(
            Map.entry("request", 1),
            Map.entry("nested", 2),
            Map.entry("asynchronous", 1),
            Map.entry("timer", 1),
            Map.entry("thread", 1),
            Map.entry("managed", 1),
            Map.entry("propagated", 1),
            Map.entry("fan-out", 8),
            Map.entry("chain", 3),
            Map.entry("threads", 2),
            Map.entry("annotated", 1),
            Map.entry("fault-tolerance", 1),
            Map.entry("stream", 2));

    private final Postgres postgres = Postgres.started();
    private final String tenant = "tenant of " + UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.named(
                NAME,
                Map.of(
                        "tokentally.datasource", DataSources.POSTGRES.jndiName(),
                        "tokentally.user", "plain",
                        "tokentally.tags", "team,feature"));
    }

    @Test
    @DisplayName(
            "are those of the call's own user and session in each of 1,000 interleaved calls on every kind of thread")
    void interleaved() throws Exception {
        List<Asked> all = new ArrayList<>();
        List<String> ways = List.copyOf(WAYS.keySet());
        int calls = 0;
        for (int i = 0; calls < CALLS; i++) {
            String way = ways.get(i % ways.size());
            calls += WAYS.get(way);
            all.add(new Asked(
                    tenant, "user " + i % USERS, "talk " + i % SESSIONS, "team " + i % TEAMS, UUID.randomUUID(), way));
        }
        Collections.shuffle(all, new Random(1));
        ExecutorService clients = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Future<String>> answers = clients.invokeAll(all.stream()
                    .<Callable<String>>map(asked -> () -> Http.post(API + "/ways/" + asked.way(), asked.parameters()))
                    .toList());
            for (int i = 0; i < all.size(); i++) {
                assertThat(answers.get(i).get())
                        .as(all.get(i).way())
                        .isEqualTo(Integer.toString(WAYS.get(all.get(i).way())));
            }
        } finally {
            clients.shutdownNow();
        }

        postgres.await(calls, "select 1 from llm_calls where tenant_id = ?", tenant);
        assertThat(postgres.query(
                        "select model, user_id, session_id, environment, tags, count(*) as calls from llm_calls"
                                + " where tenant_id = ? group by model, user_id, session_id, environment, tags",
                        tenant))
                .containsExactlyInAnyOrderElementsOf(
                        all.stream().map(Asked::expected).toList());
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "are left out, with one WARNING, if the application's resolver fails or gives values that cannot be recorded")
    @CsvSource({
        "throws, , , The CallAttributesResolver failed with java.lang.IllegalStateException",
        "wrong, talk-1, '{\"team\":\"support\"}', Attributes that the CallAttributesResolver gives are left out"
    })
    void wrongResolver(String fault, String session, String tags, String warning) throws Exception {
        UUID call = UUID.randomUUID();
        LogMark log = TestServer.current().log().mark();

        assertThat(Http.post(API + "/resolver/" + fault, "tenant", tenant, "call", call))
                .startsWith("answer");

        Map<String, Object> row = postgres.await(
                        1, "select user_id, session_id, environment, tags from llm_calls where tenant_id = ?", tenant)
                .get(0);
        assertThat(row)
                .containsEntry("user_id", null)
                .containsEntry("session_id", session)
                .containsEntry("environment", null)
                .containsEntry("tags", tags);
        assertThat(log.await(warning, Duration.ofSeconds(20))).contains("tenant=" + tenant + " operation=attributed");
        assertThat(log.linesWith("CallAttributesResolver")).hasSize(1);
        assertThat(log.linesWith("secret")).isEmpty();
    }

    private record Asked(String tenant, String user, String session, String team, UUID call, String way) {

        Object[] parameters() {
            return new Object[] {"tenant", tenant, "user", user, "session", session, "team", team, "call", call};
        }

        /** The model's name is the id of the request that asked it. */
        Map<String, Object> expected() {
            return Map.of(
                    "model",
                    call.toString(),
                    "user_id",
                    user,
                    "session_id",
                    session,
                    "environment",
                    "test",
                    "tags",
                    "{\"team\":\"" + team + "\"}",
                    "calls",
                    (long) WAYS.get(way));
        }
    }
}
