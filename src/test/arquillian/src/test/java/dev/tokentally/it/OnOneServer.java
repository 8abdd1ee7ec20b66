package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Marks a test that does not depend on the server, such as a test of a page's script, of a price list or of a report's
 * figures. A build runs it on WildFly, which deploys fastest, or else on its first server. {@code -Don-each-server=true}
 * runs it on all servers.
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
