package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The text of a failure")
class FailureTextTest {

    @Test
    @DisplayName("is its message and its root cause")
    void rootCause() {
        Exception root = new ConnectException("Connection refused");
        Exception failure = new IllegalStateException("the store is out of reach", new RuntimeException("pool", root));

        assertThat(FailureText.of(failure))
                .isEqualTo("the store is out of reach: ConnectException: Connection refused");
        assertThat(FailureText.of(root)).isEqualTo("ConnectException: Connection refused");
    }

    @Test
    @DisplayName("ends even if the causes are a circle")
    void circle() {
        Exception first = new IllegalStateException("first");
        Exception second = new IllegalStateException("second", first);
        first.initCause(second);

        assertThat(FailureText.of(first)).contains("IllegalStateException: ");
    }
}
