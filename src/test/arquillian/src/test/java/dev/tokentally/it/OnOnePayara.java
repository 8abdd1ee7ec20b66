package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Marks a test of what both Payaras have in common, such as REST, transactions and connection pools. A build runs it on
 * WildFly, and on Payara Micro or else on Payara Server. {@code -Don-each-server=true} runs it on all servers.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@EnabledIfSystemProperty(
        named = "server.is-the-payara",
        matches = "true",
        disabledReason =
                "Payara Micro stands for both Payaras here; -Don-each-server=true runs it on Payara Server too")
@interface OnOnePayara {}
