package dev.tokentally.it.customer.ejb;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A session bean that a field names for CDI. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface FromField {}
