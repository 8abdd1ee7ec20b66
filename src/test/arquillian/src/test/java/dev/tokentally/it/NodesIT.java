package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("Two nodes that start at the same time on one empty PostgreSQL")
class NodesIT {

    private static final String NAME = "node";

    /** The migration's lock, as the product takes it. */
    private static final long LOCK = 0x746f_6b65_6e74_616cL;

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = NAME, managed = false, testable = false)
    static Archive<?> application() {
        return CustomerArchive.named(NAME, Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
    }

    @Test
    @DisplayName("both come up and record")
    void together() throws Exception {
        Postgres postgres = Postgres.started();
        postgres.execute("drop table if exists llm_calls, tokentally_schema_history");
        Path war = TestServer.current().directory().resolve("other-node.war");
        productOn(DataSources.POSTGRES, war);
        Connection lock = DriverManager.getConnection(postgres.jdbcUrl());
        lock.createStatement().execute("select pg_advisory_lock(" + LOCK + ")");
        OtherNode otherNode =
                OtherNode.start("other-node", List.of("--deploy", war.toString(), "--contextroot", "tokentally"));
        try {
            otherNode.log().mark().await("EJB PersistenceStartup", Duration.ofMinutes(1));
            // Until then both stand before the lock, so that they really meet.
            CompletableFuture<Void> released = CompletableFuture.runAsync(
                    () -> close(lock), CompletableFuture.delayedExecutor(untilDeployed(), TimeUnit.SECONDS));
            deployer.deploy(NAME);
            assertThat(released).isCompleted();
            otherNode.awaitAnswer("/tokentally/api/v1/usage/calls", 401);
            UUID here = UUID.randomUUID();
            UUID there = UUID.randomUUID();

            assertThat(Http.post("/" + NAME + "/api/calls", "tenant", "acme", "call", here))
                    .isEqualTo("answer");
            assertThat(otherNode.complete(there)).isEqualTo(200);

            assertThat(postgres.query("select 1 from llm_calls where call_id in (?, ?)", here, there))
                    .hasSize(2);
            assertThat(postgres.query("select 1 from tokentally_schema_history where success and version = '1'"))
                    .hasSize(1);
        } finally {
            otherNode.stop();
            deployer.undeploy(NAME);
        }
    }

    /** Payara Micro starts a process for it, the others have one. */
    private static long untilDeployed() {
        return TestServer.current() == TestServer.PAYARA_MICRO ? 20 : 8;
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void productOn(DataSources source, Path war) {
        Product.warOn(source.jndiName(TestServer.PAYARA_MICRO))
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
    }
}
