package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.StoreUnavailableException;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Makes records arrive: writes each to the store, up to three times when the connection fails. Never throws; a record
 * that could not be written is an ERROR in the log. Safe for use by many threads.
 */
@ApplicationScoped
public class UsageRecorder {

    private static final Logger LOG = System.getLogger(UsageRecorder.class.getName());

    private final UsageRepository repository;
    private final RetriedAttempts retried;
    private volatile boolean retryIsLive;

    /** For the proxy that CDI makes of a normal-scoped bean. */
    protected UsageRecorder() {
        this(null, null);
    }

    @Inject
    UsageRecorder(UsageRepository repository, RetriedAttempts retried) {
        this.repository = repository;
        this.retried = retried;
    }

    /**
     * Writes the record before it returns. An interrupt of the calling thread neither stops the write nor gets lost.
     *
     * @param record what to write; not null
     */
    public void record(CallRecord record) {
        RecordWrite write = new RecordWrite(repository, record);
        Throwable unexpected = null;
        try {
            write(write);
        } catch (Throwable e) {
            unexpected = e;
        }
        if (!write.isStored()) {
            log(record, write, unexpected);
        }
        write.giveBackInterrupt();
    }

    private void write(RecordWrite write) {
        if (retryIsLive) {
            try {
                retried.make(write);
            } catch (UsageStoreException | RuntimeException e) {
                // What the write remembers decides: fault tolerance also gives up early when the thread is interrupted.
            }
        }
        while (write.isWorthAnotherAttempt()) {
            if (write.attempts() > 0) {
                write.waitBeforeTheNext();
            }
            try {
                write.make();
            } catch (UsageStoreException e) {
                // Remembered by the write, which says whether another attempt is worth it.
            }
        }
    }

    private static void log(CallRecord record, RecordWrite write, Throwable unexpected) {
        Throwable cause = write.failure() == null ? unexpected : write.failure();
        String attempts = write.attempts() == 1 ? "1 attempt" : write.attempts() + " attempts";
        String advice = cause instanceof StoreUnavailableException ? " (is the store up, and can it be reached?)" : "";
        LOG.log(
                Level.ERROR,
                "An LLM call is not recorded after " + attempts + ", tenant=" + record.tenantId() + " operation="
                        + record.operation() + " id=" + record.id() + ": " + LogText.of(cause) + advice);
    }

    /**
     * Finds out whether the server carries out {@code @Retry} in this archive, by failing on purpose: Payara ignores it
     * silently in the EJB module of an EAR none of whose WARs has a Fault Tolerance annotation.
     *
     * @return whether it makes just the attempts that are asked for
     */
    boolean proveRetry() {
        int[] attempts = {0};
        try {
            retried.make(() -> {
                attempts[0]++;
                throw new StoreUnavailableException("the start-up probe of @Retry, thrown on purpose", null);
            });
        } catch (UsageStoreException | RuntimeException onPurpose) {
            LOG.log(Level.DEBUG, "The probe of @Retry ended after {0} attempts", attempts[0]);
        }
        retryIsLive = attempts[0] == RetriedAttempts.MAX_ATTEMPTS;
        if (retryIsLive) {
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
        return retryIsLive;
    }
}
