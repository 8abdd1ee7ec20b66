package dev.tokentally.web.erasure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A request to erase a user")
class ErasureRequestTest {

    @Test
    @DisplayName("names the tenant and the user, and does not show the user")
    void valid() {
        ErasureRequest request = parse("{\"tenant\":\"acme\",\"user\":\"=ann, \\\"x\\\" 😀\"}");

        assertThat(request).isEqualTo(new ErasureRequest("acme", "=ann, \"x\" 😀"));
        assertThat(request.toString()).doesNotContain("ann");
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is refused if it has a mistake, and the message names the field")
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|a JSON object with the fields tenant, user",
                "{\"tenant\":\"a\"}|user is missing",
                "{\"user\":\"a\"}|tenant is missing",
                "{\"tenant\":\" \",\"user\":\"a\"}|tenant must not be blank",
                "{\"tenant\":\"a\",\"user\":\"\"}|user must not be blank",
                "{\"tenant\":\"a\",\"user\":null}|user must be a string",
                "{\"tenant\":\"a\",\"user\":\"b\\u0000\"}|user must have neither control characters",
                "{\"tenant\":\"a\",\"user\":\"\\ud800\"}|user must have neither control characters",
                "{\"tenant\":\"a\",\"user\":\"b\",\"name\":\"c\"}|unknown field name",
            })
    void invalid(String body, String detail) {
        ProblemException thrown = catchThrowableOfType(ProblemException.class, () -> parse(body));

        assertThat(thrown.problem().kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        assertThat(thrown.problem().detail()).contains(detail);
    }

    @Test
    @DisplayName("is refused if a name is too long for its column")
    void tooLong() {
        String body = "{\"tenant\":\"a\",\"user\":\"" + "x".repeat(256) + "\"}";
        ProblemException thrown = catchThrowableOfType(ProblemException.class, () -> parse(body));

        assertThat(thrown.problem().detail()).isEqualTo("user must have at most 255 characters");
    }

    private static ErasureRequest parse(String body) {
        return ErasureRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
