package dev.tokentally.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The trace of a failure")
class FailureTraceTest {

    @Test
    @DisplayName("has its causes, whose messages cannot forge a line")
    void causes() {
        Throwable thrown = new IllegalStateException("outer", new IllegalArgumentException("a\nERROR forged\u2028x"));

        assertThat(FailureTrace.of(thrown).lines())
                .allMatch(line -> line.startsWith("\tat ")
                        || line.equals("java.lang.IllegalStateException: outer")
                        || line.equals("Caused by: java.lang.IllegalArgumentException: a ERROR forged x"))
                .filteredOn(line -> !line.startsWith("\tat "))
                .hasSize(2);
    }
}
