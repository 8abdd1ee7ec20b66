package dev.tokentally.tracking;

import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.scope.LlmOperation;
import dev.tokentally.tracking.WiredBean.Kind;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.ejb.Schedule;
import jakarta.ejb.Schedules;
import jakarta.ejb.Singleton;
import jakarta.ejb.Stateful;
import jakarta.ejb.Stateless;
import jakarta.ejb.Timeout;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.spi.InterceptionFactory;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Finds each {@link LlmOperation} that opens no scope, since CDI does not intercept the bean or the method. Tells only what is certain. */
record WrongOperations(List<WiredBean> beans) {

    private static final Set<Class<? extends Annotation>> SESSION =
            Set.of(Stateless.class, Stateful.class, Singleton.class);

    /** The container calls a method with one of these without the interceptors for business methods. */
    private static final Set<Class<? extends Annotation>> CALLED_BY_THE_CONTAINER =
            Set.of(Schedule.class, Schedules.class, Timeout.class, PostConstruct.class, PreDestroy.class);

    /** CDI itself calls a method with one of these, and Weld intercepts that even if the method is private. */
    private static final Set<Class<? extends Annotation>> CALLED_BY_CDI =
            Set.of(Observes.class, ObservesAsync.class, Produces.class, Disposes.class);

    /** One line for each kind of fault, with its remedy. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        WrongWiring.add(
                lines,
                beans.stream().filter(WrongOperations::isNotIntercepted).map(WiredBean::name),
                names ->
                        "@LlmOperation has no effect on these beans, as CDI does not intercept what a producer or an extension"
                                + " makes, such as an interface with @RegisterAIService: " + names
                                + ". Put @LlmOperation on the method of your own bean that calls them, or enter a scope there with"
                                + " CallScope.enter(tenantId, operation)");
        WrongWiring.add(
                lines,
                ofClasses(WrongOperations::methodsThatAreNotIntercepted),
                names ->
                        "@LlmOperation has no effect on these methods, as CDI intercepts none that is private or static, that is"
                                + " not public in a session bean, or that a timer or the container calls: " + names
                                + ". Put it on a public method that another bean calls, or enter a scope in the method with"
                                + " CallScope.enter(tenantId, operation)");
        WrongWiring.add(
                lines,
                ofClasses(WrongOperations::inInterfaces),
                names ->
                        "@LlmOperation has no effect on an interface whose class is a bean, as a class does not inherit the"
                                + " annotations of its interfaces: " + names
                                + ". Put it on the class or on its method");
        return lines;
    }

    private static boolean isNotIntercepted(WiredBean bean) {
        return switch (bean.kind()) {
            case CLASS -> false;
            case PRODUCED -> isMadeWithoutInterceptors(bean);
            case SYNTHETIC -> withOperations(bean).anyMatch(WrongOperations::isAiService) && !bean.intercepted();
        };
    }

    /** A producer may add interceptors to the object that it makes, or may return a bean that has some. */
    private static boolean isMadeWithoutInterceptors(WiredBean bean) {
        List<Class<?>> types = withOperations(bean).toList();
        return !types.isEmpty()
                && !bean.injects(InterceptionFactory.class)
                && types.stream().noneMatch(bean::injects);
    }

    /** Other interfaces of which extensions make beans, such as MicroProfile's REST clients, do have interceptors. */
    private static boolean isAiService(Class<?> type) {
        return type.isInterface()
                && Stream.of(type.getAnnotations())
                        .map(annotation -> annotation.annotationType().getName())
                        .anyMatch(
                                name -> name.startsWith("dev.langchain4j.cdi.") || name.endsWith(".RegisterAIService"));
    }

    private static Stream<Class<?>> withOperations(WiredBean bean) {
        return bean.types().stream()
                .<Class<?>>map(ApplicationBeans::rawType)
                .filter(type -> has(type) || Stream.of(type.getMethods()).anyMatch(WrongOperations::has));
    }

    private Stream<String> ofClasses(Function<Class<?>, Stream<String>> faults) {
        return beans.stream().filter(bean -> bean.kind() == Kind.CLASS).flatMap(bean -> {
            try {
                return faults.apply(bean.beanClass()).toList().stream();
            } catch (LinkageError anotherLibrarysClassIsMissing) {
                return Stream.empty();
            }
        });
    }

    private static Stream<String> methodsThatAreNotIntercepted(Class<?> beanClass) {
        boolean session = hasAny(beanClass.getAnnotations(), SESSION);
        return classes(beanClass)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> has(method) && !method.isSynthetic())
                .filter(method -> Modifier.isStatic(method.getModifiers())
                        || Modifier.isPrivate(method.getModifiers()) && !isCalledByCdi(method)
                        || session && !Modifier.isPublic(method.getModifiers())
                        || hasAny(method.getAnnotations(), CALLED_BY_THE_CONTAINER))
                .map(WrongOperations::name);
    }

    private static boolean isCalledByCdi(Method method) {
        return hasAny(method.getAnnotations(), CALLED_BY_CDI)
                || Stream.of(method.getParameterAnnotations()).anyMatch(its -> hasAny(its, CALLED_BY_CDI));
    }

    private static Stream<String> inInterfaces(Class<?> beanClass) {
        Set<Class<?>> interfaces = new HashSet<>();
        classes(beanClass).forEach(type -> addInterfaces(type, interfaces));
        if (has(beanClass)) {
            return Stream.empty();
        }
        Method[] methods = beanClass.getMethods();
        return interfaces.stream()
                .flatMap(type -> has(type)
                        ? Stream.of(methods).anyMatch(method -> has(method) && isOfClass(method))
                                ? Stream.empty()
                                : Stream.of(type.getName())
                        : Stream.of(type.getDeclaredMethods())
                                .filter(method -> has(method) && Modifier.isAbstract(method.getModifiers()))
                                .filter(method -> Stream.of(methods)
                                        .noneMatch(its -> has(its) && isOfClass(its) && isLike(method, its)))
                                .map(WrongOperations::name))
                .map(where -> where + " (" + beanClass.getName() + ")");
    }

    private static boolean isOfClass(Method method) {
        return !method.getDeclaringClass().isInterface();
    }

    /** Compares only the number of parameters, since a generic parameter may have another type in the class. */
    private static boolean isLike(Method declared, Method method) {
        return method.getName().equals(declared.getName())
                && method.getParameterCount() == declared.getParameterCount();
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> into) {
        for (Class<?> implemented : type.getInterfaces()) {
            if (into.add(implemented)) {
                addInterfaces(implemented, into);
            }
        }
    }

    private static Stream<Class<?>> classes(Class<?> first) {
        return Stream.iterate(first, type -> type != null && type != Object.class, Class::getSuperclass);
    }

    private static boolean has(AnnotatedElement element) {
        return element.isAnnotationPresent(LlmOperation.class);
    }

    private static boolean hasAny(Annotation[] annotations, Set<Class<? extends Annotation>> types) {
        return Stream.of(annotations).map(Annotation::annotationType).anyMatch(types::contains);
    }

    private static String name(Method method) {
        return method.getDeclaringClass().getName() + "." + method.getName();
    }
}
