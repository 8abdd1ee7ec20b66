package dev.tokentally.it.customer.pace;

import jakarta.ejb.Stateless;

/** Makes its archive an EJB module, which servers refuse without a session bean. */
@Stateless
public class PacedService {

    public void nothing() {
        // Being here is enough.
    }
}
