package dev.tokentally.it.customer.web;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.Retry;

/** Payara obeys the annotations of an EAR's EJB modules only if one of its WARs has such an annotation too. */
@ApplicationScoped
public class FaultTolerantInWar {

    @Retry
    public void nothing() {
        // Only the annotation matters.
    }
}
