package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@OnOneServer
@RunAsClient
@ExtendWith(ArquillianExtension.class)
@DisplayName("A quote by LiteLLM's list")
class QuotesByLiteLlmIT {

    private static final String APP = "quotes-litellm";

    @Deployment(testable = false)
    static Archive<?> product() {
        return Quotes.product(APP, "litellm-prices.json");
    }

    @Test
    @DisplayName("has the right value for each trial, or none if it cannot be known")
    void trials() {
        assertThat(Quotes.wrongTrials(APP, "litellm", 18)).isEmpty();
    }
}
