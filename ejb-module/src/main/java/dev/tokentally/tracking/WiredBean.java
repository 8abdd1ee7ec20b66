package dev.tokentally.tracking;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.scope.ApplicationBeans;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.InjectionPoint;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What {@link WrongWiring} has to know of a bean.
 *
 * @param kind what makes it
 * @param beanClass its class; the producer's class if a producer makes it
 * @param types its bean types
 * @param injected the classes of what is injected into it or into its producer
 * @param followed whether CDI decorates it with the {@link TrackingLlmDecorator}; true if that is not known
 * @param behindAnother whether its calls may be recorded by another bean: by a port with the decorator that reaches it, or by a bean
 *     that has the tracker
 * @param intercepted whether an extension has given it interceptors
 */
record WiredBean(
        Kind kind,
        Class<?> beanClass,
        Set<Type> types,
        Set<Class<?>> injected,
        boolean followed,
        boolean behindAnother,
        boolean intercepted) {

    /** What makes a bean. */
    enum Kind {
        /** A class of the application, including session beans. Interceptors and decorators apply to it. */
        CLASS,
        /** A producer method or field. */
        PRODUCED,
        /** An extension. */
        SYNTHETIC
    }

    /** All beans of the application. */
    static List<WiredBean> of(ApplicationBeans beans) {
        return Stream.of(
                        beans.classes().stream().map(bean -> of(Kind.CLASS, bean, beans)),
                        beans.produced().stream().map(bean -> of(Kind.PRODUCED, bean, beans)),
                        beans.synthetic().stream().map(bean -> of(Kind.SYNTHETIC, bean, beans)))
                .flatMap(all -> all)
                .toList();
    }

    private static WiredBean of(Kind kind, Bean<?> bean, ApplicationBeans beans) {
        boolean port = isPort(bean.getTypes());
        return new WiredBean(
                kind,
                bean.getBeanClass(),
                bean.getTypes(),
                beans.injectedInto(bean).map(WiredBean::type).collect(Collectors.toSet()),
                port && kind == Kind.CLASS && isFollowed(bean),
                port && isBehindAnother(bean, beans),
                kind == Kind.SYNTHETIC && hasBindings(bean));
    }

    /** Whether it can be injected as a port, even if only by the name of its own class. */
    boolean isPort() {
        return isPort(types);
    }

    /** Whether it asks another port or records its calls itself, or is asked by a bean that records them. */
    boolean mayBeRecorded() {
        return behindAnother || injects(LlmPort.class) || injects(CallTracker.class);
    }

    /** Its class, with its types if the class is not among them, as for a bean that a producer makes. */
    String name() {
        String type = beanClass.getName();
        return types.contains(beanClass)
                ? type
                : type + " ("
                        + types.stream()
                                .filter(its -> its != Object.class)
                                .map(Type::getTypeName)
                                .sorted()
                                .collect(Collectors.joining(", "))
                        + ")";
    }

    private static boolean isPort(Set<Type> types) {
        return types.stream().map(ApplicationBeans::rawType).anyMatch(LlmPort.class::isAssignableFrom);
    }

    /** Whether the type, or a class of it, is injected. */
    boolean injects(Class<?> type) {
        return injected.stream().anyMatch(type::isAssignableFrom);
    }

    private static boolean isBehindAnother(Bean<?> bean, ApplicationBeans beans) {
        boolean ofPort = beans.classes().stream()
                .filter(other -> other != bean && isPort(other.getTypes()) && isFollowed(other))
                .anyMatch(port -> beans.reaches(port, point -> isFor(point, bean)));
        return ofPort
                || Stream.of(beans.classes(), beans.produced())
                        .flatMap(List::stream)
                        .filter(other -> beans.injectedInto(other)
                                .map(WiredBean::type)
                                .anyMatch(CallTracker.class::isAssignableFrom))
                        .anyMatch(other -> beans.injectedInto(other).anyMatch(point -> isFor(point, bean)));
    }

    /** Whether CDI may inject the bean there, whatever the values of qualifiers are. */
    private static boolean isFor(InjectionPoint point, Bean<?> bean) {
        return type(point) != Object.class
                && ApplicationBeans.isOf(bean, type(point))
                && kinds(bean.getQualifiers()).containsAll(kinds(point.getQualifiers()));
    }

    private static Set<Class<?>> kinds(Set<Annotation> qualifiers) {
        return qualifiers.stream().map(Annotation::annotationType).collect(Collectors.toSet());
    }

    private static Class<?> type(InjectionPoint point) {
        return ApplicationBeans.rawType(point.getType());
    }

    /** True also if it cannot be found out. */
    private static boolean isFollowed(Bean<?> bean) {
        return beanManager(bean)
                .map(ofItsArchive ->
                        ofItsArchive
                                .resolveDecorators(
                                        bean.getTypes(), bean.getQualifiers().toArray(new Annotation[0]))
                                .stream()
                                .anyMatch(decorator ->
                                        TrackingLlmDecorator.class.isAssignableFrom(decorator.getBeanClass())))
                .orElse(true);
    }

    /**
     * The bean manager of a bean's own archive. Decorators are enabled for each archive, and only this bean manager knows them. CDI
     * has no way to ask for it, but Weld, which all our servers have, keeps it in the bean. Empty if it is not there.
     */
    private static Optional<BeanManager> beanManager(Bean<?> bean) {
        try {
            Method method = bean.getClass().getMethod("getBeanManager");
            return method.invoke(bean) instanceof BeanManager found ? Optional.of(found) : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException otherContainer) {
            return Optional.empty();
        }
    }

    /**
     * If the Fault Tolerance part of langchain4j-cdi has given an AI service a binding, langchain4j-cdi intercepts it. Then our
     * interceptor works too.
     */
    private static boolean hasBindings(Bean<?> bean) {
        try {
            return bean.getClass().getMethod("getInterceptorBindings").invoke(bean) instanceof Collection<?> bindings
                    && !bindings.isEmpty();
        } catch (ReflectiveOperationException | RuntimeException withoutAny) {
            return false;
        }
    }
}
