package dev.tokentally.tracking;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.scope.LlmOperation;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.InterceptionFactory;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds beans of an application whose calls would have no records, before any call is made and without creating a bean. It tells
 * only what is certain. So if all calls of an application are recorded, its log has none of these lines.
 */
final class WrongWiring {

    private final ApplicationBeans beans;

    WrongWiring(ApplicationBeans beans) {
        this.beans = beans;
    }

    /** One line for each kind of fault, with its remedy. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        names(beans.classes().stream().filter(this::isUnfollowed))
                .ifPresent(
                        names -> lines.add(
                                "Calls of these LlmPort beans have no records, as no decorator follows them: " + names
                                        + ". Add <decorators><class>" + TrackingLlmDecorator.class.getName()
                                        + "</class></decorators> to the"
                                        + " beans.xml of the archive that each is in (META-INF/beans.xml of a jar, WEB-INF/beans.xml of a WAR)"));
        names(Stream.concat(
                                beans.produced().stream().filter(bean -> !injects(bean, LlmPort.class)),
                                beans.synthetic().stream())
                        .filter(bean -> ApplicationBeans.isOf(bean, LlmPort.class)))
                .ifPresent(names ->
                        lines.add("Calls of LlmPort beans that a producer or an extension makes have no records, as CDI"
                                + " does not decorate these: " + names
                                + ". Make a bean of a class that implements LlmPort, in an archive"
                                + " whose beans.xml lists " + TrackingLlmDecorator.class.getName()
                                + " under <decorators>"));
        names(Stream.concat(
                        beans.produced().stream().filter(this::isNotIntercepted),
                        beans.synthetic().stream().filter(WrongWiring::isAiServiceWithoutInterceptors)))
                .ifPresent(names -> lines.add(
                        "@LlmOperation has no effect on these beans, as CDI does not intercept what a producer"
                                + " or an extension makes, such as an interface with @RegisterAIService: " + names
                                + ". Put @LlmOperation on the method of your own bean that calls them, or enter a scope there with"
                                + " CallScope.enter(tenantId, operation)"));
        return lines;
    }

    /** A bean that asks another port leaves the record to that port. */
    private boolean isUnfollowed(Bean<?> bean) {
        return ApplicationBeans.isOf(bean, LlmPort.class)
                && !injects(bean, LlmPort.class)
                && beanManager(bean)
                        .map(
                                ofItsArchive -> ofItsArchive
                                        .resolveDecorators(
                                                bean.getTypes(),
                                                bean.getQualifiers().toArray(new Annotation[0]))
                                        .stream()
                                        .noneMatch(decorator ->
                                                TrackingLlmDecorator.class.isAssignableFrom(decorator.getBeanClass())))
                        .orElse(false);
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

    /** A producer may add interceptors to the object that it makes, or may return a bean that has some. */
    private boolean isNotIntercepted(Bean<?> bean) {
        List<Class<?>> types = withOperations(bean);
        return !types.isEmpty()
                && !injects(bean, InterceptionFactory.class)
                && types.stream().noneMatch(type -> injects(bean, type));
    }

    /** Other interfaces of which extensions make beans, such as MicroProfile's REST clients, do have interceptors. */
    private static boolean isAiServiceWithoutInterceptors(Bean<?> bean) {
        return withOperations(bean).stream().anyMatch(WrongWiring::isAiService)
                && bindings(bean).isEmpty();
    }

    private static boolean isAiService(Class<?> type) {
        return type.isInterface()
                && Stream.of(type.getAnnotations())
                        .map(annotation -> annotation.annotationType().getName())
                        .anyMatch(
                                name -> name.startsWith("dev.langchain4j.cdi.") || name.endsWith(".RegisterAIService"));
    }

    /**
     * If the Fault Tolerance part of langchain4j-cdi has given an AI service a binding, langchain4j-cdi intercepts it. Then our
     * interceptor works too.
     */
    private static Collection<?> bindings(Bean<?> bean) {
        try {
            return bean.getClass().getMethod("getInterceptorBindings").invoke(bean) instanceof Collection<?> bindings
                    ? bindings
                    : List.of();
        } catch (ReflectiveOperationException | RuntimeException withoutAny) {
            return List.of();
        }
    }

    private static List<Class<?>> withOperations(Bean<?> bean) {
        return bean.getTypes().stream()
                .<Class<?>>map(ApplicationBeans::rawType)
                .filter(type -> type.isAnnotationPresent(LlmOperation.class)
                        || Stream.of(type.getMethods())
                                .anyMatch(method -> method.isAnnotationPresent(LlmOperation.class)))
                .collect(Collectors.toList());
    }

    private boolean injects(Bean<?> bean, Class<?> type) {
        return beans.injectedInto(bean)
                .map(InjectionPoint::getType)
                .map(ApplicationBeans::rawType)
                .anyMatch(type::isAssignableFrom);
    }

    /** Sorted, so that two starts write the same line; empty if there is none. */
    private static Optional<String> names(Stream<Bean<?>> beans) {
        TreeSet<String> names = beans.map(WrongWiring::name).collect(Collectors.toCollection(TreeSet::new));
        return names.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", names));
    }

    /** The class of a produced bean is that of its producer. */
    private static String name(Bean<?> bean) {
        String type = bean.getBeanClass().getName();
        return bean.getTypes().contains(bean.getBeanClass())
                ? type
                : type + " ("
                        + bean.getTypes().stream()
                                .filter(its -> its != Object.class)
                                .map(Type::getTypeName)
                                .sorted()
                                .collect(Collectors.joining(", "))
                        + ")";
    }
}
