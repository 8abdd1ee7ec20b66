package dev.tokentally.it;

import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.core.spi.LoadableExtension;

/** The classes of ours that Arquillian loads because META-INF/services names them. */
public final class TestServerExtension implements LoadableExtension {
    @Override
    public void register(ExtensionBuilder builder) {
        if (TestServer.current() == TestServer.PAYARA_MICRO) {
            builder.service(DeployableContainer.class, MicroContainer.class);
        }
    }
}
