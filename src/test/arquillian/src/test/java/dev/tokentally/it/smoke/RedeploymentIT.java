package dev.tokentally.it.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.OnOneServer;
import org.jboss.arquillian.container.test.api.Deployer;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("An application that a test deploys itself")
class RedeploymentIT {
    private static final String NAME = "redeployed";

    private final SmokeClient client = new SmokeClient("/" + NAME);

    @ArquillianResource
    private Deployer deployer;

    @Deployment(name = NAME, managed = false, testable = false)
    static Archive<?> application() {
        return SmokeArchive.named(NAME);
    }

    @Test
    @DisplayName("answers after each of three deployments")
    void answersAfterEachDeployment() throws Exception {
        for (int i = 0; i < 3; i++) {
            deployer.deploy(NAME);
            try {
                assertThat(client.statusOf("/zone")).isEqualTo(200);
            } finally {
                deployer.undeploy(NAME);
            }
        }
    }
}
