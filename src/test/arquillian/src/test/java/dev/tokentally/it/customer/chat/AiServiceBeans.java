package dev.tokentally.it.customer.chat;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.AfterBeanDiscovery;
import jakarta.enterprise.inject.spi.Extension;

/** Makes beans of AI services, as langchain4j-cdi's extension does. */
public class AiServiceBeans implements Extension {

    void add(@Observes AfterBeanDiscovery event) {
        event.addBean()
                .beanClass(RegisteredAssistant.class)
                .types(RegisteredAssistant.class)
                .scope(Dependent.class)
                .produceWith(lookup -> (RegisteredAssistant) message -> message);
    }
}
