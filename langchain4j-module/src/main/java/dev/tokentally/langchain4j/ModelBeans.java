package dev.tokentally.langchain4j;

import dev.tokentally.scope.ApplicationBeans;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterDeploymentValidation;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessProducer;
import java.lang.reflect.Member;
import java.lang.reflect.Type;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks each LangChain4j model that a producer makes, when it is first made, and logs a WARNING if nobody records its requests.
 * Public because CDI loads it as a service. It finds LangChain4j's types by their names, since an application may have none of
 * them.
 */
public class ModelBeans implements Extension {

    private volatile ApplicationBeans beans;

    <T, X> void watch(@Observes ProcessProducer<T, X> event) {
        Set<String> types = event.getAnnotatedMember().getTypeClosure().stream()
                .map(Type::getTypeName)
                .collect(Collectors.toSet());
        ModelType.among(types).ifPresent(type -> {
            Member member = event.getAnnotatedMember().getJavaMember();
            ModelMaker maker = new ModelMaker(
                    member.getDeclaringClass().getName() + "." + member.getName(),
                    type,
                    event.getAnnotatedMember().getAnnotations());
            event.setProducer(new WatchedProducer<>(event.getProducer(), maker, member.getDeclaringClass(), this));
        });
    }

    void ready(@Observes AfterDeploymentValidation event, BeanManager manager) {
        try {
            beans = manager.getExtension(ApplicationBeans.class);
        } catch (IllegalArgumentException notThere) {
            beans = null;
        }
    }

    /** Empty if the application's beans are not known. */
    Optional<PortModels> ports() {
        return Optional.ofNullable(beans).map(PortModels::new);
    }
}
