package dev.tokentally.it;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.concurrent.TimeUnit;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.event.container.AfterUnDeploy;
import org.jboss.arquillian.core.api.annotation.Observes;

/**
 * Cleans up after an undeployment by the adapter of Payara Micro. Version 3.1 does not wait for the process, although the
 * next one needs its port and its database files. The adapter's console reader then reads the end of the stream in an
 * endless loop, and occupies one core for each deployment.
 */
final class MicroConsole {
    private static final long PATIENCE_S = 20;

    void ends(@Observes AfterUnDeploy event) throws ReflectiveOperationException, InterruptedException, IOException {
        DeployableContainer<?> container = event.getDeployableContainer();
        if (!container.getClass().getSimpleName().equals("PayaraMicroDeployableContainer")) {
            return;
        }
        Field field = container.getClass().getDeclaredField("payaraMicroProcess");
        field.setAccessible(true);
        Process process = (Process) field.get(container);
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        process.getInputStream().close();
    }
}
