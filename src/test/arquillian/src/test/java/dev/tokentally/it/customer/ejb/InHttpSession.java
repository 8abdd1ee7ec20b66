package dev.tokentally.it.customer.ejb;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model that each HTTP session has for itself. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface InHttpSession {}
