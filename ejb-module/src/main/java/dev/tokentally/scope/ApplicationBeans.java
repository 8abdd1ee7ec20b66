package dev.tokentally.scope;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.Decorator;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.Interceptor;
import jakarta.enterprise.inject.spi.ProcessBean;
import jakarta.enterprise.inject.spi.ProcessManagedBean;
import jakarta.enterprise.inject.spi.ProcessProducerField;
import jakarta.enterprise.inject.spi.ProcessProducerMethod;
import jakarta.enterprise.inject.spi.ProcessSessionBean;
import jakarta.enterprise.inject.spi.ProcessSyntheticBean;
import jakarta.inject.Provider;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Remembers the beans of the whole application without creating any. In an EAR no bean manager sees them all. Public because CDI
 * loads it as a service. Safe for use by many threads once the application is deployed.
 */
public class ApplicationBeans implements Extension {

    /**
     * A producer field with one of these makes nothing. It gives what the server has, such as a session bean, which CDI intercepts
     * and decorates wherever it is injected.
     */
    private static final List<Class<? extends Annotation>> FROM_ELSEWHERE = List.of(EJB.class, Resource.class);

    private final List<Bean<?>> classes = new CopyOnWriteArrayList<>();
    private final List<Bean<?>> produced = new CopyOnWriteArrayList<>();
    private final List<Bean<?>> synthetic = new CopyOnWriteArrayList<>();

    void remember(@Observes ProcessBean<?> event) {
        Bean<?> bean = event.getBean();
        if (bean instanceof Interceptor || bean instanceof Decorator) {
            return;
        }
        if (event instanceof ProcessManagedBean || event instanceof ProcessSessionBean) {
            classes.add(bean);
        } else if (event instanceof ProcessProducerMethod) {
            produced.add(bean);
        } else if (event instanceof ProcessProducerField<?, ?> field) {
            if (FROM_ELSEWHERE.stream().noneMatch(field.getAnnotatedProducerField()::isAnnotationPresent)) {
                produced.add(bean);
            }
        } else if (event instanceof ProcessSyntheticBean) {
            synthetic.add(bean);
        }
    }

    /**
     * Beans whose class is the application's, including session beans. Interceptors and decorators apply to these beans.
     *
     * @return the beans, in no order; the collection must not be changed
     */
    public List<Bean<?>> classes() {
        return classes;
    }

    /**
     * Beans that a producer method or field makes. A field that only names a session bean or a resource of the server makes none.
     *
     * @return the beans, in no order; the collection must not be changed
     */
    public List<Bean<?>> produced() {
        return produced;
    }

    /**
     * Beans that an extension has added.
     *
     * @return the beans, in no order; the collection must not be changed
     */
    public List<Bean<?>> synthetic() {
        return synthetic;
    }

    /**
     * The injection points of a bean. For a produced bean, these are the parameters of the producer method and the injection points
     * of the bean with this method.
     *
     * @param bean one of the application
     * @return its injection points
     */
    public Stream<InjectionPoint> injectedInto(Bean<?> bean) {
        Stream<InjectionPoint> own = bean.getInjectionPoints().stream();
        return produced.contains(bean)
                ? Stream.concat(
                        own,
                        classes.stream()
                                .filter(declaring -> declaring.getBeanClass() == bean.getBeanClass())
                                .flatMap(declaring -> declaring.getInjectionPoints().stream()))
                : own;
    }

    /**
     * Whether a type is injected into a bean, or into a bean that is injected into it, directly or through others.
     *
     * @param bean one of the application
     * @param what to look for
     * @return whether any injection point has the type
     */
    public boolean reaches(Bean<?> bean, Predicate<InjectionPoint> what) {
        return reachable(bean).stream().flatMap(this::injectedInto).anyMatch(what);
    }

    /**
     * Whether a bean of the class, or a bean that it reaches, has an injection point or a field whose type's name the predicate
     * accepts.
     */
    boolean mentions(Class<?> beanClass, Predicate<String> what) {
        Set<Bean<?>> reachable = new HashSet<>();
        classes.stream()
                .filter(bean -> bean.getBeanClass() == beanClass)
                .forEach(bean -> reachable.addAll(reachable(bean)));
        Stream<Type> injected = reachable.stream().flatMap(this::injectedInto).map(InjectionPoint::getType);
        Stream<Type> fields = Stream.concat(
                        Stream.of(beanClass), reachable.stream().map(Bean::getBeanClass))
                .flatMap(ApplicationBeans::fields)
                .map(Field::getGenericType);
        return Stream.concat(injected, fields).map(Type::getTypeName).anyMatch(what);
    }

    private static Stream<Field> fields(Class<?> type) {
        return Stream.<Class<?>>iterate(type, current -> current != null, Class::getSuperclass)
                .flatMap(current -> Stream.of(current.getDeclaredFields()));
    }

    private Set<Bean<?>> reachable(Bean<?> first) {
        Set<Bean<?>> seen = new HashSet<>(Set.of(first));
        Deque<Bean<?>> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            injectedInto(open.pop())
                    .map(point -> rawType(point.getType()))
                    .filter(type -> type != Object.class)
                    .flatMap(type -> Stream.of(classes, produced, synthetic)
                            .flatMap(List::stream)
                            .filter(bean -> isOf(bean, type)))
                    .filter(seen::add)
                    .forEach(open::add);
        }
        return seen;
    }

    /**
     * Whether a bean may be injected at a point of a type, whatever its qualifiers are.
     *
     * @param bean any
     * @param type the type
     * @return whether it is among the bean's types
     */
    public static boolean isOf(Bean<?> bean, Class<?> type) {
        return bean.getTypes().stream().anyMatch(its -> rawType(its) == type);
    }

    /**
     * The class of a type. For an {@code Instance}, a {@code Provider} or a {@code List} it is the class of the type argument.
     *
     * @param type of an injection point or a bean
     * @return the class, or {@code Object} if there is none
     */
    public static Class<?> rawType(Type type) {
        if (type instanceof Class<?> itself) {
            return itself;
        }
        if (type instanceof ParameterizedType of && of.getRawType() instanceof Class<?> raw) {
            boolean holds = Provider.class.isAssignableFrom(raw)
                    || Supplier.class.isAssignableFrom(raw)
                    || Iterable.class.isAssignableFrom(raw);
            return holds && of.getActualTypeArguments().length == 1 ? rawType(of.getActualTypeArguments()[0]) : raw;
        }
        return Object.class;
    }
}
