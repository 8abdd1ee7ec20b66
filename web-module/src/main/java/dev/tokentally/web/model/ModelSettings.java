package dev.tokentally.web.model;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** Which model answers, read once. Safe for use by many threads. */
@ApplicationScoped
public class ModelSettings {

    private static final Logger LOG = System.getLogger(ModelSettings.class.getName());

    private final Optional<Provider> provider;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected ModelSettings() {
        this.provider = Optional.empty();
    }

    /**
     * Reads the settings.
     *
     * @param config the configuration
     * @throws InvalidSettingException when one is not allowed or missing beside the others; the message names it, and quotes
     *     neither key nor URL
     */
    @Inject
    public ModelSettings(Config config) {
        this.provider = Provider.in(config);
    }

    Optional<Provider> provider() {
        return provider;
    }

    /** Says in the log which model answers. */
    public void announce() {
        if (provider.isEmpty()) {
            LOG.log(
                    Level.INFO,
                    "Completions are answered by the offline model, as neither " + Setting.LLM_BASE_URL.key() + " nor "
                            + Setting.LLM_MODEL.key() + " is set");
            return;
        }
        LOG.log(Level.INFO, "Completions are answered by " + provider.get());
        if (provider.get().sendsKeyInTheClear()) {
            LOG.log(
                    Level.WARNING,
                    "The provider's API key goes over the network unencrypted: " + Setting.LLM_BASE_URL.key()
                            + " does not begin with https://");
        }
    }
}
