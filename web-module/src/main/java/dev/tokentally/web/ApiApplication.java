package dev.tokentally.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;
import java.util.Map;

/** The REST API; its resources and providers are found by scanning. */
@ApplicationPath("api/v1")
public class ApiApplication extends Application {

    /** Payara: Jersey would publish its own description of the API (WADL), and answer OPTIONS with it. */
    @Override
    public Map<String, Object> getProperties() {
        return Map.of("jersey.config.server.wadl.disableWadl", true);
    }
}
