package dev.tokentally.it.customer.ejb;

import dev.tokentally.llm.LlmPort;
import jakarta.ejb.EJB;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

/** Names session beans for CDI. They are decorated and intercepted as they are, so nothing is wrong with these fields. */
@ApplicationScoped
public class SessionBeans {

    @Produces
    @FromField
    @EJB
    LlmPort model;

    @Produces
    @FromField
    @EJB
    Work work;
}
