package dev.tokentally.it.customer.unit;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The port that the notes use. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Noting {}
