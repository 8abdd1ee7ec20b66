package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.enterprise.inject.spi.AnnotatedField;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.ProcessProducerField;
import jakarta.inject.Named;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The beans that an application's producer fields make")
class ApplicationBeansTest {

    private final ApplicationBeans beans = new ApplicationBeans();

    @Test
    @DisplayName("are remembered")
    void made() {
        Bean<?> bean = field(Named.class);

        assertThat(beans.produced()).singleElement().isSameAs(bean);
    }

    @ParameterizedTest
    @DisplayName("are none if the field names a session bean or a resource of the server, which another made")
    @ValueSource(classes = {EJB.class, Resource.class})
    void named(Class<? extends Annotation> annotation) {
        field(annotation);

        assertThat(beans.produced()).isEmpty();
    }

    /** CDI tells of a bean that is made by a field with the annotation. */
    private Bean<?> field(Class<? extends Annotation> annotation) {
        Bean<?> bean = proxy(Bean.class, (proxy, method, arguments) -> "a bean of @" + annotation.getSimpleName());
        AnnotatedField<?> field =
                proxy(AnnotatedField.class, (proxy, method, arguments) -> arguments[0].equals(annotation));
        beans.remember(proxy(
                ProcessProducerField.class,
                (proxy, method, arguments) -> method.getName().equals("getBean") ? bean : field));
        return bean;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
