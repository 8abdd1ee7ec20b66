package dev.langchain4j.cdi.spi;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Stands for langchain4j-cdi's annotation, since the module finds it by its name. */
@Retention(RetentionPolicy.RUNTIME)
public @interface RegisterAIService {}
