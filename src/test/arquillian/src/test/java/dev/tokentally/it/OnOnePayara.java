package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a test of what both Payaras have in common, such as REST, transactions and connection pools. It runs on WildFly and
 * on one Payara.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@RunsOn({TestServer.WILDFLY, TestServer.PAYARA_MICRO})
@interface OnOnePayara {}
