package dev.tokentally.it;

import org.jboss.arquillian.core.spi.LoadableExtension;

/** The classes of ours that Arquillian loads because META-INF/services names them. */
public final class TestServerExtension implements LoadableExtension {
    @Override
    public void register(ExtensionBuilder builder) {
        builder.observer(MicroConsole.class);
    }
}
