package dev.tokentally.it;

import org.jboss.arquillian.core.spi.LoadableExtension;

/** What Arquillian loads of ours, as META-INF/services says. */
public final class TestServerExtension implements LoadableExtension {
    @Override
    public void register(ExtensionBuilder builder) {
        builder.observer(MicroConsole.class);
    }
}
