package dev.tokentally.it.customer.chat;

import jakarta.inject.Qualifier;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A model that somebody forgot to give the listener. */
@Qualifier
@Retention(RetentionPolicy.RUNTIME)
public @interface Unheard {}
