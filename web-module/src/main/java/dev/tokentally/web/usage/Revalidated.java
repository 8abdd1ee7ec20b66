package dev.tokentally.web.usage;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.TYPE;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import jakarta.ws.rs.NameBinding;
import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/** Marks answers that a client may keep if it asks each time whether they are still the same. {@link Revalidation} answers that. */
@NameBinding
@Retention(RUNTIME)
@Target({TYPE, METHOD})
@interface Revalidated {}
