package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jboss.shrinkwrap.api.Archive;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

@EnabledIfSystemProperty(
        named = "server",
        matches = "wildfly",
        disabledReason = "Payara has no configuration without Jakarta Persistence")
@DisplayName("A customer's application on a server without Jakarta Persistence")
class WithoutJpaIT {

    private static final String NODE = "without-jpa";

    @Test
    @DisplayName("does not start, and the log says what to do")
    void refused() throws Exception {
        Archive<?> archive =
                CustomerArchive.named(NODE, Map.of("tokentally.datasource", DataSources.POSTGRES.jndiName()));
        Path deployments = WildFlyNode.deployments(NODE);
        archive.as(ZipExporter.class)
                .exportTo(deployments.resolve(archive.getName()).toFile(), true);

        Node node = WildFlyNode.startWithout(NODE, "jpa");
        try {
            assertThat(node.log().mark().await("tokentally.persistence.provider", Duration.ofMinutes(2)))
                    .contains("no JPA provider", "on WildFly the subsystem jpa");
        } finally {
            node.stop();
        }
    }
}
