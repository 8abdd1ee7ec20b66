package dev.tokentally.it.customer.pace;

import jakarta.ejb.Stateless;

/** Makes its archive an EJB module. Servers refuse one without a session bean. */
@Stateless
public class PacedService {

    public void nothing() {
        // The method has nothing to do.
    }
}
