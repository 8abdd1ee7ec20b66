package dev.tokentally.config;

/** A configuration value that cannot be used; stops the deployment. */
public class InvalidSettingException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Says all that is needed to put it right.
     *
     * @param key the configuration key
     * @param value what it was set to, or a description of it where it may hold a secret
     * @param allowed what it may be
     */
    public InvalidSettingException(String key, String value, String allowed) {
        this("The configuration key " + key + " is set to \"" + value + "\"; allowed: " + allowed);
    }

    private InvalidSettingException(String message) {
        super(message);
    }

    /**
     * A key that another setting needs is not set.
     *
     * @param key the configuration key that is missing
     * @param neededBy the setting that needs it, as KEY=VALUE
     * @param allowed what it may be
     * @return the exception
     */
    static InvalidSettingException missing(String key, String neededBy, String allowed) {
        return new InvalidSettingException(
                "The configuration key " + key + " is missing, and " + neededBy + " needs it; allowed: " + allowed);
    }
}
