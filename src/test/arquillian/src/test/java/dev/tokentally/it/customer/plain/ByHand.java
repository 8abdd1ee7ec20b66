package dev.tokentally.it.customer.plain;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A model that a producer makes. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface ByHand {

    /** Whether it is recorded. */
    boolean recorded();
}
