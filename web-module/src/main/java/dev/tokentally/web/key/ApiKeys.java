package dev.tokentally.web.key;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.config.Setting;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.Config;

/** The configured keys, read once. Safe for use by many threads. */
@ApplicationScoped
public class ApiKeys {

    private static final Logger LOG = System.getLogger(ApiKeys.class.getName());

    private final List<ApiKey> keys;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected ApiKeys() {
        this.keys = List.of();
    }

    /**
     * Reads the keys.
     *
     * @param config the configuration
     * @throws InvalidSettingException when an entry is not allowed; the message says which and why, and quotes nothing
     */
    @Inject
    public ApiKeys(Config config) {
        String value = Setting.API_KEYS.in(config);
        this.keys = value == null ? List.of() : parse(value);
    }

    private static List<ApiKey> parse(String value) {
        List<ApiKey> keys = new ArrayList<>();
        int number = 0;
        for (String entry : value.split(",", -1)) {
            number++;
            try {
                keys.add(withoutContradiction(ApiKey.parse(entry), keys));
            } catch (IllegalArgumentException malformed) {
                throw new InvalidSettingException(
                        Setting.API_KEYS.key(),
                        "(not shown; entry " + number + " is wrong: " + malformed.getMessage() + ")",
                        Setting.API_KEYS.allowed());
            }
        }
        return List.copyOf(keys);
    }

    private static ApiKey withoutContradiction(ApiKey key, List<ApiKey> earlier) {
        for (int i = 0; i < earlier.size(); i++) {
            ApiKey other = earlier.get(i);
            if (MessageDigest.isEqual(other.sha256(), key.sha256()) && !other.grantsTheSameAs(key)) {
                throw new IllegalArgumentException(
                        "its hash is that of entry " + (i + 1) + ", with another tenant or role");
            }
        }
        return key;
    }

    /** Logs how many keys there are and, if there is none, how to configure one. */
    public void announce() {
        if (!keys.isEmpty()) {
            LOG.log(Level.INFO, keys.size() + " API key(s) configured");
            return;
        }
        LOG.log(
                Level.WARNING,
                "No API key is configured, so every request to the API is refused with 401. To make one, run: "
                        + "KEY=$(openssl rand -hex 32); echo \"the key: $KEY\"; echo \"" + Setting.API_KEYS.key()
                        + "=demo:tenant:$(printf %s \"$KEY\" | sha256sum | cut -d' ' -f1)\" -- and set what its last line says,"
                        + " as a system property or as the environment variable TOKENTALLY_API_KEYS");
    }

    /** Takes the same time whether a key is found or not, and wherever it stands. */
    Optional<ApiKey> find(String presented) {
        byte[] hash = KeyHash.of(presented);
        ApiKey found = null;
        for (ApiKey key : keys) {
            if (MessageDigest.isEqual(key.sha256(), hash)) {
                found = key;
            }
        }
        return Optional.ofNullable(found);
    }
}
