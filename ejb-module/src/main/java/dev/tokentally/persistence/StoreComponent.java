package dev.tokentally.persistence;

import jakarta.annotation.security.PermitAll;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;

/**
 * Lets a thread of the module's use connections as a component of the application. Where it uses them by itself Payara
 * remembers until it stops that it did, and with the thread all that the application had loaded, also after a redeployment.
 * Public because servers lose a package-private session bean.
 */
@Stateless
@PermitAll
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class StoreComponent {

    /**
     * Runs it on the calling thread.
     *
     * @param work what to run; catches what it throws itself, as the container would log it and wrap it
     */
    public void run(Runnable work) {
        work.run();
    }
}
