package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.it.customer.unit.AtStart;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application whose persistence unit has the same name as ours and is injected without a name")
class OwnUnitIT {

    private static final String NAME = "notes";
    private static final String NOTES = "/" + NAME + "/api/notes";

    private final Postgres postgres = Postgres.started();
    private final String tenant = "notes " + UUID.randomUUID();

    @Deployment(testable = false)
    static Archive<?> application() {
        Postgres.started();
        return CustomerArchive.withItsOwnUnit(NAME, Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @Test
    @DisplayName("keeps its entities, and gets rows for its calls, even if its transaction rolls back")
    void entitiesAndCalls() {
        long before = Long.parseLong(Http.get(NOTES));

        assertThat(Http.post(NOTES, "text", UUID.randomUUID(), "tenant", tenant))
                .isEqualTo("noted");
        assertThat(Http.get(NOTES)).isEqualTo(Long.toString(before + 1));
        assertThat(Http.send(HttpRequest.newBuilder(TestServer.current()
                                        .uri(NOTES + "/failed"
                                                + Http.query("text", UUID.randomUUID(), "tenant", tenant)))
                                .POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(500);
        assertThat(Http.get(NOTES)).isEqualTo(Long.toString(before + 1));

        // A call in a transaction of the caller goes through the spool.
        assertThat(postgres.await(2, "select id from llm_calls where tenant_id = ?", tenant))
                .hasSize(2);
    }

    @Test
    @DisplayName("gets a row for the first call, made during the start on a thread that cannot look up names")
    void atStart() throws IOException, InterruptedException {
        assertThat(postgres.await(1, "select id from llm_calls where tenant_id = ?", AtStart.TENANT))
                .hasSize(1);
        assertThat(new ServerProcess(TestServer.current().process().orElseThrow()).openSpoolFiles())
                .anyMatch(file -> file.contains("/" + NAME + "/"))
                .noneMatch(file -> file.contains("/application/"));
    }
}
