package dev.tokentally.web.http;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.RetentionPolicy.RUNTIME;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;

/** Marks the methods of resources that read query parameters, and refuse unknown ones. {@link QueryFilter} looks at the others. */
@Retention(RUNTIME)
@Target(METHOD)
public @interface TakesQuery {}
