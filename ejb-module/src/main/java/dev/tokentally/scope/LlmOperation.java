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
 * Enters a call scope around a method, or around each public method of a class, with the tenant that the {@link TenantResolver}
 * names, the attributes that the {@link CallAttributesResolver} names and a call id of its own. The annotation of a method
 * overrides that of its class.
 *
 * <pre>{@code
 * @LlmOperation("summarise")
 * public Summary summarise(Document document) { … llm.complete(…) … }
 * }</pre>
 *
 * <p>If a {@link CallIdFilter} gave the request a call id, the scope has this one. If there is no tenant, the method is not called,
 * and a {@link MissingCallScopeException} names the method.
 *
 * <p>As with every CDI interceptor, a call from within the same object ({@code this.summarise(…)}) does not pass the interceptor
 * and stays in the current scope.
 *
 * <p>A method that returns a {@link java.util.concurrent.CompletionStage} leaves its scope when it returns. A task that it has
 * handed to a {@code ManagedExecutorService}, or wrapped by {@link CallScope#capture}, stays in the scope until it is done. The
 * same holds for Fault Tolerance's {@code @Asynchronous}, whose method runs in the scope of its call. In an EJB's or Jakarta
 * Concurrency's {@code @Asynchronous} method the tenant is asked for on the thread that runs it.
 *
 * <p>If a method returns a result before it has done any work, the result keeps the scope for later. LangChain4j's {@code
 * TokenStream} is started in the scope. A {@link java.util.concurrent.Flow.Publisher} and Mutiny's {@code Multi} and {@code Uni}
 * are subscribed to, asked for more and cancelled in the scope. The subscriber's code keeps its own scope. The method's return type
 * must be one of these interfaces. A class cannot be replaced; that is a WARNING in the log.
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
