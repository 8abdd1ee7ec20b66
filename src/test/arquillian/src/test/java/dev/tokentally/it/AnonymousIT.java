package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.it.customer.CustomerArchive;
import java.util.Map;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@OnOnePayara
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A customer's application without a TenantResolver, called by an anonymous caller")
class AnonymousIT {

    private static final String NAME = "anonymous";

    @Deployment(testable = false)
    static Archive<?> application() {
        return CustomerArchive.anonymous(NAME, Map.of());
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("gets no scope by annotation, wherever the code runs, and an exception that names the method")
    @ValueSource(strings = {"request", "asynchronous", "timer", "managed", "thread"})
    void refused(String place) {
        assertThat(Http.post("/" + NAME + "/api/anonymous/" + place))
                .startsWith("dev.tokentally.scope.MissingCallScopeException @LlmOperation on"
                        + " dev.tokentally.it.customer.anonymous.AnonymousWork.annotated found no tenant: the caller is"
                        + " anonymous");
    }
}
