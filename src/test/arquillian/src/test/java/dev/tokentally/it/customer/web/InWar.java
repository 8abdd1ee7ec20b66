package dev.tokentally.it.customer.web;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model in the WAR. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface InWar {}
