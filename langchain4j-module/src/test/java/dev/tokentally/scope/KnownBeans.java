package dev.tokentally.scope;

import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.ProcessManagedBean;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The beans of an application that needs no server. */
public final class KnownBeans {

    private KnownBeans() {}

    /** Beans that are classes. Each class comes with the classes that it has injected. */
    public static ApplicationBeans of(Map<Class<?>, Set<Class<?>>> classes) {
        ApplicationBeans beans = new ApplicationBeans();
        classes.forEach((type, injected) -> {
            Set<Type> types = Stream.concat(Stream.of(type), Stream.of(type.getInterfaces()))
                    .collect(Collectors.toSet());
            Bean<?> bean = answering(
                    Bean.class,
                    Map.of("getBeanClass", type, "getTypes", types, "getInjectionPoints", points(injected)));
            beans.remember(answering(ProcessManagedBean.class, Map.of("getBean", bean)));
        });
        return beans;
    }

    /** Injection points of these classes. */
    public static Set<InjectionPoint> points(Set<Class<?>> injected) {
        return injected.stream()
                .map(type -> answering(InjectionPoint.class, Map.of("getType", type, "getQualifiers", Set.of())))
                .collect(Collectors.toSet());
    }

    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (answers.containsKey(method.getName())) {
                        return answers.get(method.getName());
                    }
                    return switch (method.getName()) {
                        case "equals" -> proxy == arguments[0];
                        case "hashCode" -> System.identityHashCode(proxy);
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                }));
    }
}
