package dev.tokentally.it.customer.pace;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model that the decorator records. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Recorded {}
