package dev.tokentally.it;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a test that does not depend on the server, such as a test of a page's script, of a price list or of a report's
 * figures. WildFly runs it, since it deploys fastest.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@RunsOn(TestServer.WILDFLY)
public @interface OnOneServer {}
