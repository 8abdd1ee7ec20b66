package dev.tokentally;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks a test whose subject is what a database, a file or a source text does, and not the JVM. A build runs it on its own
 * JDK. {@code mvn -Peverything verify} runs it on the other JDKs, too.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Tag("one-jdk")
public @interface OnOneJdk {}
