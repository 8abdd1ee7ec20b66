package dev.tokentally.langchain4j;

import dev.tokentally.llm.LlmPort;
import dev.tokentally.scope.ApplicationBeans;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Default;
import jakarta.enterprise.inject.spi.InjectionPoint;
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

    private static final Set<Class<?>> GENERAL = Set.of(Any.class, Default.class);

    /** A bean that has one of these injected may wrap a model, or add a listener to it. */
    private static final Set<Class<?>> OURS = Set.of(
            CallTracker.class,
            TrackedModels.class,
            TrackingChatModelListener.class,
            TrackingEmbeddingModelListener.class);

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
