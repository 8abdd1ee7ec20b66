package dev.tokentally.scope;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.ProcessBean;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Remembers the {@link TenantResolver} beans of the whole application, which in an EAR no bean manager sees: the one of the
 * EJB module does not see the WARs', and a session bean's {@code java:comp/BeanManager} is its own module's. Public because
 * CDI loads it as a service.
 */
public class TenantResolverBeans implements Extension {

    private final List<Bean<?>> beans = new CopyOnWriteArrayList<>();

    void remember(@Observes ProcessBean<?> event) {
        if (event.getBean().getTypes().contains(TenantResolver.class)) {
            beans.add(event.getBean());
        }
    }

    List<Bean<?>> all() {
        return beans;
    }
}
