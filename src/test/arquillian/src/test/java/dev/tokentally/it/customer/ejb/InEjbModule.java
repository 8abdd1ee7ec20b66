package dev.tokentally.it.customer.ejb;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model in the EJB module. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface InEjbModule {}
