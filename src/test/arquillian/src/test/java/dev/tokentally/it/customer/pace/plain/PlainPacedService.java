package dev.tokentally.it.customer.pace.plain;

import jakarta.ejb.Stateless;

/** Makes its archive an EJB module. Servers refuse one without a session bean. */
@Stateless
public class PlainPacedService {

    public void nothing() {
        // The method has nothing to do.
    }
}
