package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * A test whose subject is not the server: a page's script, a list of prices, the figures of a report. A build runs it on
 * WildFly, which deploys fastest, or on the first server that it has. {@code -Don-each-server=true} runs it on all of
 * them.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@EnabledIfSystemProperty(
        named = "server.is-the-one",
        matches = "true",
        disabledReason =
                "its subject is not the server, and another one runs it; -Don-each-server=true runs it here too")
@interface OnOneServer {}
