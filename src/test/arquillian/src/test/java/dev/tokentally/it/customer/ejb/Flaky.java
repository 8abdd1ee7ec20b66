package dev.tokentally.it.customer.ejb;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Selects the model that fails twice and has a retry. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Flaky {}
