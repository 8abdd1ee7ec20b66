package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What a client is told of a model that failed")
class ModelProblemTest {

    @Test
    @DisplayName("is nothing of what an adapter that we do not know throws")
    void unknown() {
        assertThat(new String(ModelProblem.of(new IllegalStateException("secret"))
                        .problem()
                        .json()))
                .contains("\"status\":502", "\"code\":\"model_failed\"", "\"detail\":\"The model did not answer.\"")
                .doesNotContain("secret");
    }
}
