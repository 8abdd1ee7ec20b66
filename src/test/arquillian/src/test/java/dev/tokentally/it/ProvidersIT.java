package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.time.Duration;
import java.util.HashMap;
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
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application that ships a JPA provider")
class ProvidersIT {

    private final Postgres postgres = Postgres.started();
    private final String tenant = "provider " + UUID.randomUUID();

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = "eclipselink", managed = false, testable = false)
    static Archive<?> eclipseLink() {
        return CustomerArchive.withLibraries("eclipselink", config(Map.of()), Product.eclipseLink());
    }

    @Deployment(name = "by-eclipselink", managed = false, testable = false)
    static Archive<?> byEclipseLink() {
        return CustomerArchive.withLibraries(
                "by-eclipselink",
                config(Map.of("tokentally.persistence.provider", "eclipselink")),
                Product.eclipseLink());
    }

    @Deployment(name = "hibernate", managed = false, testable = false)
    static Archive<?> hibernate() {
        return CustomerArchive.withLibraries("hibernate", config(Map.of()), Product.hibernate());
    }

    @Deployment(name = "by-hibernate", managed = false, testable = false)
    static Archive<?> byHibernate() {
        return CustomerArchive.withLibraries(
                "by-hibernate", config(Map.of("tokentally.persistence.provider", "hibernate")), Product.hibernate());
    }

    @Deployment(name = "own-hibernate", managed = false, testable = false)
    static Archive<?> ownHibernate() {
        return CustomerArchive.withItsOwnHibernate("own-hibernate", config(Map.of()));
    }

    private static Map<String, String> config(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(more);
        config.put("tokentally.datasource", DataSources.POSTGRES.jndiName());
        return config;
    }

    @RunsOn({TestServer.WILDFLY, TestServer.PAYARA_SERVER})
    @Test
    @DisplayName("has its calls recorded through the server's own provider if it brings EclipseLink")
    void bringsEclipseLink() throws InterruptedException {
        recorded("eclipselink", "eclipselink", "hibernate");
    }

    /** On WildFly, {@link #own} brings it. */
    @RunsOn({TestServer.PAYARA_MICRO, TestServer.PAYARA_SERVER})
    @Test
    @DisplayName("has its calls recorded through the server's own provider if it brings Hibernate")
    void bringsHibernate() throws InterruptedException {
        recorded("hibernate", "eclipselink", "hibernate");
    }

    /** Each of these two names one that is not the server's own. */
    @RunsOn(TestServer.WILDFLY)
    @Test
    @DisplayName("has its calls recorded through EclipseLink if the setting names it")
    void namesEclipseLink() throws InterruptedException {
        recorded("by-eclipselink", "eclipselink", "eclipselink");
    }

    @RunsOn(TestServer.PAYARA_MICRO)
    @Test
    @DisplayName("has its calls recorded through Hibernate if the setting names it")
    void namesHibernate() throws InterruptedException {
        recorded("by-hibernate", "hibernate", "hibernate");
    }

    private void recorded(String name, String onPayara, String onWildFly) throws InterruptedException {
        LogMark log = TestServer.current().log().mark();
        deployer.deploy(name);
        try {
            assertThat(log.await("LLM calls are recorded in", Duration.ofSeconds(30)))
                    .contains("through " + (TestServer.current() == TestServer.WILDFLY ? onWildFly : onPayara));
            assertThat(Http.post("/" + name + "/api/calls", "tenant", tenant, "call", UUID.randomUUID()))
                    .isEqualTo("answer");
            assertThat(Http.post(
                            "/" + name + "/api/calls/transaction",
                            "tenant",
                            tenant,
                            "call",
                            UUID.randomUUID(),
                            "end",
                            "commit"))
                    .isEqualTo("active");
            assertThat(postgres.await(2, "select 1 from llm_calls where tenant_id = ?", tenant))
                    .hasSize(2);
        } finally {
            deployer.undeploy(name);
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "server",
            matches = "wildfly",
            disabledReason = "Payara's own EclipseLink serves every unit")
    @DisplayName("keeps its entities through its provider, and has its calls recorded, in a WAR")
    void own() throws InterruptedException {
        String notes = "/own-hibernate/api/notes";
        deployer.deploy("own-hibernate");
        try {
            assertThat(Http.post(notes, "text", "a", "tenant", tenant)).isEqualTo("noted");
            assertThat(Http.get(notes)).isEqualTo("1");
            assertThat(postgres.await(1, "select 1 from llm_calls where tenant_id = ?", tenant))
                    .hasSize(1);
        } finally {
            deployer.undeploy("own-hibernate");
        }
    }
}
