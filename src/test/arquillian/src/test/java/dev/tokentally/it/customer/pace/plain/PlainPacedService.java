package dev.tokentally.it.customer.pace.plain;

import jakarta.ejb.Stateless;

/** Makes its archive an EJB module, which servers refuse without a session bean. */
@Stateless
public class PlainPacedService {

    public void nothing() {
        // Being here is enough.
    }
}
