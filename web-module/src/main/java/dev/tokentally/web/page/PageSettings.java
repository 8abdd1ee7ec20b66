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
     * Reads it.
     *
     * @param config where from
     * @throws InvalidSettingException when a value is not allowed; the message names its key
     */
    @Inject
    public PageSettings(Config config) {
        this.traceUrl = TraceUrl.in(config);
    }

    /**
     * How a link of a call's trace is made.
     *
     * @return a URL with {@code {trace_id}}; empty where there are no links
     */
    public Optional<String> traceUrl() {
        return traceUrl.map(TraceUrl::template);
    }
}
