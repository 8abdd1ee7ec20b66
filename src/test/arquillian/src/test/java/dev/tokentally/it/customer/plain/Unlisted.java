package dev.tokentally.it.customer.plain;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The model in the archive without the decorator. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Unlisted {}
