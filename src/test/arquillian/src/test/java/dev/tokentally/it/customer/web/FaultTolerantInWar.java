package dev.tokentally.it.customer.web;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.faulttolerance.Retry;

/** Payara carries out the annotations of an EAR's EJB modules only if one of its WARs has one too. */
@ApplicationScoped
public class FaultTolerantInWar {

    @Retry
    public void nothing() {
        // The annotation is what counts.
    }
}
