package dev.tokentally.web.page;

import dev.tokentally.config.InvalidSettingException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** The settings of the dashboard, read once. Safe for use by many threads. */
@ApplicationScoped
public class PageSettings {

    private final Optional<TraceUrl> traceUrl;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected PageSettings() {
        this.traceUrl = Optional.empty();
    }

    /**
     * Reads the settings.
     *
     * @param config the configuration
     * @throws InvalidSettingException when a value is not allowed; the message names its key
     */
    @Inject
    public PageSettings(Config config) {
        this.traceUrl = TraceUrl.in(config);
    }

    /**
     * The pattern of links to a call's trace.
     *
     * @return a URL with {@code {trace_id}}; empty if the page makes no links
     */
    public Optional<String> traceUrl() {
        return traceUrl.map(TraceUrl::template);
    }
}
