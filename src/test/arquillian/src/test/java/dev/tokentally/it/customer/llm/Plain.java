package dev.tokentally.it.customer.llm;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Selects a model without a listener, and the port that asks it. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Plain {}
