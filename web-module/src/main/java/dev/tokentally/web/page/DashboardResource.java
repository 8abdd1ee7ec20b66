package dev.tokentally.web.page;

import dev.tokentally.config.Settings;
import dev.tokentally.web.json.JsonBody;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** What the dashboard must know of the configuration, for any key; no secrets. Safe for use by many threads. */
@Path("dashboard")
@ApplicationScoped
public class DashboardResource {

    private final Settings settings;
    private final PageSettings page;

    /** For the proxy that CDI makes of a normal-scoped bean; public because RESTEasy (WildFly) wants one that is. */
    public DashboardResource() {
        this(null, null);
    }

    @Inject
    DashboardResource(Settings settings, PageSettings page) {
        this.settings = settings;
        this.page = page;
    }

    /**
     * Returns the settings without asking the store.
     *
     * @return the settings, as JSON
     */
    @GET
    @Produces(MediaType.APPLICATION_JSON)
    public byte[] settings() {
        return JsonBody.object(json -> {
            json.write("users", settings.userNames().label());
            page.traceUrl().ifPresentOrElse(url -> json.write("trace_url", url), () -> json.writeNull("trace_url"));
        });
    }
}
