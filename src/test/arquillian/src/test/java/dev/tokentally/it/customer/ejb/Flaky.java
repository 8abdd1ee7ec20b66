package dev.tokentally.it.customer.ejb;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model that fails twice, with a retry. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Flaky {}
