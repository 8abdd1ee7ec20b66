package dev.tokentally.it.customer.chat;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A model to which somebody forgot to give the listener. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Unheard {}
