package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The client's answer when a model fails")
class ModelProblemTest {

    @Test
    @DisplayName("contains nothing of an exception from an unknown adapter")
    void unknown() {
        assertThat(new String(ModelProblem.of(new IllegalStateException("secret"))
                        .problem()
                        .json()))
                .contains("\"status\":502", "\"code\":\"model_failed\"", "\"detail\":\"The model did not answer.\"")
                .doesNotContain("secret");
    }
}
