package dev.tokentally.scope;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessBean;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Remembers the {@link TenantResolver} and {@link CallAttributesResolver} beans of the whole application. In an EAR no bean manager
 * sees all of them: that of the EJB module does not see the beans of the WARs, and a session bean's {@code java:comp/BeanManager}
 * is that of its own module. Public because CDI loads it as a service.
 */
public class ResolverBeans implements Extension {

    private final Map<Class<?>, List<Bean<?>>> beans = Map.of(
            TenantResolver.class, new CopyOnWriteArrayList<>(),
            CallAttributesResolver.class, new CopyOnWriteArrayList<>());

    void remember(@Observes ProcessBean<?> event) {
        beans.forEach((type, found) -> {
            if (event.getBean().getTypes().contains(type)) {
                found.add(event.getBean());
            }
        });
    }

    List<Bean<?>> all(Class<?> type) {
        return beans.get(type);
    }
}
