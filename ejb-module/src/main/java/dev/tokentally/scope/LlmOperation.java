package dev.tokentally.scope;

import jakarta.enterprise.util.Nonbinding;
import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Enters a call scope around a method, or around each public method of a class, with the tenant that the {@link
 * TenantResolver} names and a call id of its own. A method's annotation goes before its class's.
 *
 * <pre>{@code
 * @LlmOperation("summarise")
 * public Summary summarise(Document document) { … llm.complete(…) … }
 * }</pre>
 *
 * <p>As with every CDI interceptor, a call from within the same object passes it by.
 */
@Documented
@Inherited
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface LlmOperation {

    /**
     * What the calls are made for.
     *
     * @return the operation: not blank, at most 64 characters, no control character
     */
    @Nonbinding
    String value();
}
