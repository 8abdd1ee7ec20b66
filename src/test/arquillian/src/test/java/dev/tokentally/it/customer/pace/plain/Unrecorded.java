package dev.tokentally.it.customer.pace.plain;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model that nothing records. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Unrecorded {}
