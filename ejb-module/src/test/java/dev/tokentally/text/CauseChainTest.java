package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A chain of causes")
class CauseChainTest {

    @Test
    @DisplayName("begins with the failure and ends with its root cause")
    void order() {
        Throwable root = new IOException("root");
        Throwable middle = new IllegalStateException(root);
        Throwable failure = new IllegalArgumentException(middle);

        assertThat(CauseChain.of(failure)).containsExactly(failure, middle, root);
        assertThat(CauseChain.of(null)).isEmpty();
    }

    @Test
    @DisplayName("ends even if it is a ring")
    void ring() {
        Throwable one = new IllegalStateException("one");
        Throwable other = new IllegalStateException("other", one);
        one.initCause(other);

        assertThat(CauseChain.of(one)).startsWith(one, other).hasSize(20);
        assertThat(FailureText.root(one)).isSameAs(other);
    }
}
