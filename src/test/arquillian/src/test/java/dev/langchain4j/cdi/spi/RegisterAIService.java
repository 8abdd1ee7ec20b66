package dev.langchain4j.cdi.spi;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Stands for the annotation of langchain4j-cdi, which Maven Central does not have. */
@Retention(RetentionPolicy.RUNTIME)
public @interface RegisterAIService {}
