package dev.tokentally.langchain4j;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.Producer;
import jakarta.inject.Named;
import jakarta.inject.Qualifier;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the models that need no listener: models that the application's ports ask, since the ports' calls have rows, and wrapped
 * models.
 */
final class PortModels {

    private static final String LOOKUP = "lookup:";

    private static final String OUR_PACKAGE = PortModels.class.getPackageName() + ".";

    private static final Set<Class<?>> GENERAL = Set.of(Any.class, Default.class);

    /** A bean that has one of these injected may wrap a model, or add a listener to it. */
    private static final Set<Class<?>> OURS = Set.of(
            CallTracker.class,
            TrackedModels.class,
            TrackingChatModelListener.class,
            TrackingEmbeddingModelListener.class);

    /** Those of them with which a class may record its calls itself. */
    private static final Set<Class<?>> RECORDING = Set.of(CallTracker.class, TrackedModels.class);

    private final ApplicationBeans beans;

    PortModels(ApplicationBeans beans) {
        this.beans = beans;
    }

    /**
     * Whether the model that is made there may go to a port, directly or through other beans, or to a bean that records it itself.
     */
    boolean ask(ModelMaker maker) {
        return beans.classes().stream()
                        .filter(bean -> ApplicationBeans.isOf(bean, LlmPort.class))
                        .anyMatch(port -> beans.reaches(port, point -> isFor(point, maker)))
                || Stream.of(beans.classes(), beans.produced())
                        .flatMap(List::stream)
                        .filter(bean -> beans.injectedInto(bean).anyMatch(point -> isFor(point, maker)))
                        .anyMatch(bean -> beans.injectedInto(bean)
                                .map(point -> ApplicationBeans.rawType(point.getType()))
                                .anyMatch(OURS::contains));
    }

    /**
     * Whether a part of a setting about listeners may lead to our listener. langchain4j-cdi knows the name of a class, {@code
     * lookup:@all}, {@code lookup:@default} and {@code lookup:} with the name of a bean.
     */
    boolean mayListen(String part, ModelType type) {
        if (part.startsWith(LOOKUP)) {
            String name = part.substring(LOOKUP.length());
            List<Bean<?>> named =
                    all().filter(bean -> name.equals(bean.getName())).toList();
            // langchain4j-cdi itself fails if there is no bean with the name.
            return named.isEmpty() || named.stream().anyMatch(bean -> mayTell(bean));
        }
        if (part.startsWith(OUR_PACKAGE)) {
            return part.equals(OUR_PACKAGE + type.listener());
        }
        List<Bean<?>> ofClass = beans.classes().stream()
                .filter(bean -> bean.getBeanClass().getName().equals(part))
                .toList();
        // An object of another class may be a subclass of ours that this module does not see.
        return ofClass.isEmpty() || ofClass.stream().anyMatch(bean -> mayTell(bean));
    }

    /**
     * Whether a model may be recorded although it has no listener of ours: by one of its listeners that passes on to ours what it
     * hears, or by its own class. If a model of LangChain4j's has no listener at all, nobody records it.
     *
     * @param points what is injected where it is made
     */
    boolean mayBeRecorded(Object model, List<InjectionPoint> points) {
        List<?> listeners = Listened.listeners(model);
        if (listeners.isEmpty()) {
            return !Listened.isOfLangChain4j(model)
                    && points.stream()
                            .map(point -> ApplicationBeans.rawType(point.getType()))
                            .anyMatch(RECORDING::contains);
        }
        return points.stream().anyMatch(this::mayLeadToOurs)
                || listeners.stream().flatMap(this::beansOf).anyMatch(this::mayTell);
    }

    /** What is injected where a member of a class makes something: the parameters of the member, and what the class has injected. */
    List<InjectionPoint> injectedInto(Producer<?> producer, Class<?> declaring) {
        return Stream.concat(
                        producer.getInjectionPoints().stream(),
                        beans.classes().stream()
                                .filter(bean -> bean.getBeanClass() == declaring)
                                .flatMap(bean -> bean.getInjectionPoints().stream()))
                .toList();
    }

    private boolean mayLeadToOurs(InjectionPoint point) {
        Class<?> injected = ApplicationBeans.rawType(point.getType());
        return OURS.stream().anyMatch(injected::isAssignableFrom)
                || all().filter(bean -> ApplicationBeans.isOf(bean, injected)).anyMatch(this::mayTell);
    }

    /** The beans of which an object may be. An object of a bean in a scope has a subclass that the container has made. */
    private Stream<Bean<?>> beansOf(Object listener) {
        return Stream.concat(
                beans.classes().stream().filter(bean -> bean.getBeanClass().isInstance(listener)),
                Stream.of(beans.produced(), beans.synthetic())
                        .flatMap(List::stream)
                        .filter(bean -> bean.getTypes().stream()
                                .map(ApplicationBeans::rawType)
                                .anyMatch(type -> type != Object.class && type.isInstance(listener))));
    }

    /** Whether a listener is ours, or may pass on to ours what it hears. */
    private boolean mayTell(Bean<?> listener) {
        return OURS.stream().anyMatch(ours -> ApplicationBeans.isOf(listener, ours))
                || beans.reaches(listener, point -> {
                    Class<?> injected = ApplicationBeans.rawType(point.getType());
                    return OURS.stream().anyMatch(injected::isAssignableFrom);
                });
    }

    private Stream<Bean<?>> all() {
        return Stream.of(beans.classes(), beans.produced(), beans.synthetic()).flatMap(List::stream);
    }

    /** The log's lines about the application's own classes of chat models whose requests no listener hears of. */
    List<String> unheardClasses() {
        return beans.classes().stream()
                .flatMap(bean -> ModelType.of(bean.getBeanClass())
                        .filter(type -> type == ModelType.CHAT || type == ModelType.STREAMING)
                        .filter(type -> Listened.isNeverListened(bean.getBeanClass()))
                        .filter(type -> beans.injectedInto(bean)
                                .allMatch(point -> Listened.isPlain(ApplicationBeans.rawType(point.getType()))))
                        .map(type -> new ModelMaker(bean.getBeanClass().getName(), type, bean.getQualifiers()))
                        .filter(maker -> !ask(maker))
                        .stream())
                .map(ModelMaker::unheardClass)
                .sorted()
                .distinct()
                .toList();
    }

    private static boolean isFor(InjectionPoint point, ModelMaker maker) {
        if (!maker.type().isOf(ApplicationBeans.rawType(point.getType()))) {
            return false;
        }
        Set<Annotation> wanted = point.getQualifiers().stream()
                .filter(qualifier -> !GENERAL.contains(qualifier.annotationType()))
                .collect(Collectors.toSet());
        return wanted.isEmpty()
                ? maker.annotations().stream().noneMatch(PortModels::isSpecial)
                : maker.annotations().containsAll(wanted) || wanted.stream().allMatch(Named.class::isInstance);
    }

    private static boolean isSpecial(Annotation annotation) {
        Class<? extends Annotation> type = annotation.annotationType();
        return type.isAnnotationPresent(Qualifier.class) && type != Named.class && !GENERAL.contains(type);
    }
}
