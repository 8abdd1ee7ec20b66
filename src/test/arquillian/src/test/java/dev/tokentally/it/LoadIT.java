package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnOneServer
@DisplayName("Clients that get no answer")
class LoadIT {

    @Test
    @Timeout(20)
    @DisplayName("make the test fail after a while, which then tells of their failures, and stop")
    void noAnswers() throws Exception {
        String nobody = "http://127.0.0.1:" + Settings.port("refusing") + "/";
        Load load = Load.start(2, Integer.MAX_VALUE, 1, id -> HttpRequest.newBuilder(URI.create(nobody)));

        assertThatThrownBy(() -> load.awaitAnswers(1, Duration.ofMillis(500)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("0 of 1 calls were answered")
                .hasMessageContaining("ConnectException");

        assertThat(load.join()).isEmpty();
    }
}
