package dev.tokentally.recording;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.Extension;
import java.util.Optional;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/**
 * The name of the application, which names the folder of its spool. Only a thread of the application can look it up, and
 * the first call may come on another one. So it is looked up while the server deploys, before any bean exists. Public
 * because CDI loads it as a service.
 */
public class ApplicationName implements Extension {

    private volatile String name;

    void lookUp(@Observes AfterDeploymentValidation event) {
        name = lookedUp().orElse(null);
    }

    /**
     * The name, as {@code java:app/AppName} has it.
     *
     * @throws IllegalStateException when neither the deployment nor this thread could look it up
     */
    String get() {
        String known = name;
        return known != null
                ? known
                : lookedUp()
                        .orElseThrow(
                                () -> new IllegalStateException("java:app/AppName cannot be looked up on the thread "
                                        + Thread.currentThread().getName()
                                        + ", and the application's records need a folder of their own: begin with a"
                                        + " call on a thread of the server's"));
    }

    private static Optional<String> lookedUp() {
        try {
            return Optional.of(InitialContext.doLookup("java:app/AppName"));
        } catch (NamingException notHere) {
            return Optional.empty();
        }
    }
}
