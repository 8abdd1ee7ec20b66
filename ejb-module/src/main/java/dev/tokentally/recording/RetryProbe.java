package dev.tokentally.recording;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageStoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Finds out whether the server applies {@code @Retry} in this archive, by failing on purpose. */
final class RetryProbe {

    private static final Logger LOG = QuietLog.of(RetryProbe.class);

    private RetryProbe() {}

    /**
     * Payara silently ignores {@code @Retry} in the EJB module of an EAR if no WAR of the EAR has a Fault Tolerance annotation.
     *
     * @return whether it makes exactly the attempts that are asked for
     */
    static boolean probe(RetriedAttempts retried) {
        int[] attempts = {0};
        try {
            retried.probe(() -> {
                attempts[0]++;
                throw new StoreUnavailableException("the start-up probe of @Retry, thrown on purpose", null);
            });
        } catch (UsageStoreException | RuntimeException onPurpose) {
            LOG.log(Level.DEBUG, "The probe of @Retry ended after {0} attempts", attempts[0]);
        }
        boolean live = attempts[0] == RetriedAttempts.MAX_ATTEMPTS;
        if (live) {
            LOG.log(Level.INFO, "@Retry is live: " + attempts[0] + " attempts when the store cannot be reached");
        } else {
            LOG.log(
                    Level.WARNING,
                    "@Retry is not live in this deployment: " + attempts[0] + " attempt(s) were made instead of "
                            + RetriedAttempts.MAX_ATTEMPTS + ". Tokentally makes the " + RetriedAttempts.MAX_ATTEMPTS
                            + " attempts itself, so no record is at risk. To let the server do it: on Payara give a bean of"
                            + " a WAR in the same EAR a Fault Tolerance annotation (@Retry, say); on WildFly enable the"
                            + " subsystem microprofile-fault-tolerance-smallrye; and set no Retry/… configuration that"
                            + " changes it");
        }
        return live;
    }
}
