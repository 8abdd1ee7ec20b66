package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.it.customer.CustomerArchive;
import dev.tokentally.it.customer.marking.MarkingInterceptor;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@OnOnePayara
@DisplayName("A customer's application on a pool")
class DataSourcesIT {

    private static final String OUTSIDE = "takes no part in transactions";

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = "xa", managed = false, testable = false)
    static Archive<?> xa() {
        return on(DataSources.XA);
    }

    @Deployment(name = "nonjta", managed = false, testable = false)
    static Archive<?> nonJta() {
        return on(DataSources.NONJTA);
    }

    @Deployment(name = "manual", managed = false, testable = false)
    static Archive<?> manual() {
        return on(DataSources.MANUAL);
    }

    @Deployment(name = "nonjtamanual", managed = false, testable = false)
    static Archive<?> nonJtaManual() {
        return on(DataSources.NONJTAMANUAL);
    }

    @Deployment(name = "marking", managed = false, testable = false)
    static Archive<?> marking() {
        Postgres.started();
        return CustomerArchive.marking("marking", Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    private static final String REFUSED = "refused on a pool";
    private static final String SET_ASIDE = "The store refuses a record while it takes others";

    private final Postgres postgres = Postgres.started();

    private static Archive<?> on(DataSources source) {
        Postgres.started();
        return CustomerArchive.named(source.name().toLowerCase(), Map.of("tokentally.datasource", source.jndiName()));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName(
            "of XA, without JTA or without auto-commit gets one row for each call, and a warning if the pool is not JTA")
    @CsvSource({"xa, false", "nonjta, true", "manual, false"})
    void recorded(String name, boolean isTold) throws InterruptedException {
        LogMark log = TestServer.current().log().mark();
        String tenant = "on " + name + " " + UUID.randomUUID();
        deployer.deploy(name);
        try {
            log.await("LLM calls are recorded in", Duration.ofSeconds(30));
            assertThat(log.linesWith(OUTSIDE)).hasSize(isTold ? 1 : 0);
            for (int i = 0; i < 3; i++) {
                assertThat(Http.post("/" + name + "/api/calls", "tenant", tenant, "call", UUID.randomUUID()))
                        .isEqualTo("answer");
            }
            assertThat(Http.post(
                            "/" + name + "/api/calls/transaction",
                            "tenant",
                            tenant,
                            "call",
                            UUID.randomUUID(),
                            "end",
                            "commit"))
                    .isEqualTo("active");
            assertThat(Await.until(started -> started.length >= 4, () -> started(name, tenant)))
                    .hasSize(4);
            if (!name.equals("manual")) {
                leavesNoRow(name, tenant, log);
            }
        } finally {
            deployer.undeploy(name);
        }
    }

    /** The module's statements that find out whether a record or the store is the reason for a refusal. */
    private void leavesNoRow(String name, String tenant, LogMark log) throws InterruptedException {
        postgres.execute("create or replace function refuse_on_pool() returns trigger language plpgsql as $$ begin"
                + " if new.operation = '" + REFUSED
                + "' then raise exception 'not this one'; end if; return new; end $$");
        postgres.execute("create trigger refuse_on_pool before insert on llm_calls"
                + " for each row execute function refuse_on_pool()");
        int rows = 4;
        try {
            Http.post("/" + name + "/api/calls", "tenant", tenant, "operation", REFUSED, "call", UUID.randomUUID());
            // A record is set aside once another one passes. That must be one which waits, too.
            while (log.linesWith(SET_ASIDE).isEmpty() && rows < 100) {
                Http.post("/" + name + "/api/calls", "tenant", tenant, "call", UUID.randomUUID());
                rows++;
                Thread.sleep(300);
            }
            assertThat(log.linesWith(SET_ASIDE)).singleElement().asString().contains("operation=" + REFUSED);
        } finally {
            postgres.dropTrigger("refuse_on_pool");
        }
        assertThat(postgres.await(
                        rows, "select 1 from llm_calls where tenant_id = ? and operation <> ?", tenant, REFUSED))
                .hasSize(rows);
    }

    /** WildFly's interceptor then rolls back without an exception. Payara's transactions have no interceptor. */
    @Test
    @DisplayName("gets one row for each call although something marks every second transaction for rollback")
    void marked() throws InterruptedException {
        String tenant = "marked " + UUID.randomUUID();
        LogMark log = TestServer.current().log().mark();
        deployer.deploy("marking");
        try {
            for (int i = 0; i < 10; i++) {
                assertThat(Http.post("/marking/api/calls", "tenant", tenant, "call", UUID.randomUUID()))
                        .isEqualTo("answer");
            }
            postgres.await(10, "select 1 from llm_calls where tenant_id = ?", tenant);
            assertThat(postgres.query("select distinct call_id from llm_calls where tenant_id = ?", tenant))
                    .hasSize(10);
            if (TestServer.current() == TestServer.WILDFLY) {
                assertThat(log.linesWith(MarkingInterceptor.MARKED)).isNotEmpty();
            }
        } finally {
            deployer.undeploy("marking");
        }
    }

    @Test
    @DisplayName("without JTA and without auto-commit does not start, and the log says what to do")
    void refused() throws InterruptedException {
        LogMark log = TestServer.current().log().mark();

        assertThatThrownBy(() -> deployer.deploy("nonjtamanual")).isInstanceOf(Exception.class);

        assertThat(log.await("The configuration key tokentally.datasource is set to", Duration.ofSeconds(20)))
                .contains("nobody would commit what is written", "non-transactional-connections=false");
    }

    private static String[] started(String name, String tenant) {
        return Http.get("/" + name + "/api/calls/started", "tenant", tenant).split(" ");
    }
}
