package dev.tokentally.config;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.Extension;
import java.util.Optional;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The application's name and, on Payara, its configuration. Only a thread of the application can find them, but the
 * first call may come on a thread that the customer created. So both are looked up while the server deploys, before any
 * bean exists. Mistakes in the configuration are told here too, before one of them stops the deployment. The class is
 * public because CDI loads it as a service.
 */
public class DeployedApplication implements Extension {

    private volatile Optional<String> name = Optional.empty();
    private volatile Config config;

    void find(@Observes AfterDeploymentValidation event) {
        name = lookedUp();
        config = ConfigProvider.getConfig();
        UnreadKeys.tell(config);
    }

    /**
     * The name of the application.
     *
     * @return the value of {@code java:app/AppName}
     * @throws IllegalStateException when neither the deployment nor this thread can look it up
     */
    public String name() {
        return name.or(DeployedApplication::lookedUp)
                .orElseThrow(() -> new IllegalStateException(
                        "The application's name (java:app/AppName) cannot be looked up on the thread "
                                + Thread.currentThread().getName()
                                + ", and the folder for the application's records depends on it. Let a thread of the server"
                                + " make the first call"));
    }

    Config config() {
        Config found = config;
        return found == null ? ConfigProvider.getConfig() : found;
    }

    private static Optional<String> lookedUp() {
        try {
            return Optional.of(InitialContext.doLookup("java:app/AppName"));
        } catch (NamingException notHere) {
            return Optional.empty();
        }
    }
}
