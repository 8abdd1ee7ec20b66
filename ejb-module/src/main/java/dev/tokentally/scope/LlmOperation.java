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
 * TenantResolver} names, the attributes that the {@link CallAttributesResolver} names and a call id of its own. A method's
 * annotation goes before its class's.
 *
 * <pre>{@code
 * @LlmOperation("summarise")
 * public Summary summarise(Document document) { … llm.complete(…) … }
 * }</pre>
 *
 * <p>The call id is that of the request where a {@link CallIdFilter} gave it one. Where no tenant is to be had the method
 * is not called, and {@link MissingCallScopeException} names it.
 *
 * <p>As with every CDI interceptor, a call from within the same object ({@code this.summarise(…)}) passes it by and stays
 * in the scope that is there.
 *
 * <p>A method that returns a {@link java.util.concurrent.CompletionStage} leaves its scope when it returns; what it has
 * handed to a {@code ManagedExecutorService}, or wrapped by {@link CallScope#capture}, stays in it until it is done. The
 * same holds for Fault Tolerance's {@code @Asynchronous}, whose method runs in the scope of its call. In an EJB's or
 * Jakarta Concurrency's {@code @Asynchronous} method the tenant is asked for on the thread that runs it.
 *
 * <p>What a method returns before it has done anything keeps the scope for later: LangChain4j's {@code TokenStream} is
 * started in it, a {@link java.util.concurrent.Flow.Publisher} and Mutiny's {@code Multi} and {@code Uni} are subscribed
 * to, asked for more and cancelled in it. The subscriber's own code keeps its own scope. The method's return type must be
 * one of these interfaces; a class cannot be replaced, which is a WARNING in the log.
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
