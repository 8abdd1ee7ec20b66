package dev.tokentally.web.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A problem")
class ProblemTest {

    @Test
    @DisplayName("has the form of RFC 9457, with a code")
    void json() {
        Problem problem = new Problem(ProblemKind.VALIDATION_ERROR, "unknown field \"\n\u0007😀");

        assertThat(new String(problem.json(), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Unprocessable Content\",\"status\":422,"
                        + "\"detail\":\"unknown field \\\"\\n\\u0007😀\",\"code\":\"validation_error\"}");
    }

    @Test
    @DisplayName("tells the client nothing about an unexpected failure except a reference")
    void unexpected() {
        Problem problem = UnexpectedFailure.logged(new IllegalStateException("password=hunter2"));

        assertThat(problem.status()).isEqualTo(500);
        assertThat(problem.detail())
                .doesNotContain("hunter2", "IllegalState")
                .containsPattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }
}
