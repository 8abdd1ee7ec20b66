package dev.tokentally.config;

/** A configuration value cannot be used. This exception stops the deployment. */
public class InvalidSettingException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /**
     * Names everything that is needed to correct the value.
     *
     * @param key the configuration key
     * @param value its value, or a description of the value if it may hold a secret
     * @param allowed the allowed values
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
     * @param allowed the allowed values
     * @return the exception
     */
    static InvalidSettingException missing(String key, String neededBy, String allowed) {
        return new InvalidSettingException(
                "The configuration key " + key + " is missing, and " + neededBy + " needs it; allowed: " + allowed);
    }
}
