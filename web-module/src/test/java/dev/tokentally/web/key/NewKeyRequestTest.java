package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A request for a new key")
class NewKeyRequestTest {

    @Test
    @DisplayName("has a tenant and a role")
    void valid() {
        assertThat(parse(" {\"role\":\"admin\", \"tenant\":\"acme\"} "))
                .isEqualTo(new NewKeyRequest("acme", Role.ADMIN));
        assertThat(parse("{\"tenant\":\"" + "x".repeat(255) + "\",\"role\":\"tenant\"}")
                        .role())
                .isEqualTo(Role.TENANT);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|JSON object with the fields tenant, role",
                "null|JSON object",
                "{}|tenant is missing",
                "{\"role\":\"admin\"}|tenant is missing",
                "{\"tenant\":\"a\"}|role is missing",
                "{\"tenant\":\"a\",\"role\":\"tenant\",\"key\":\"k\"}|unknown field key; known are tenant, role",
                "{\"Tenant\":\"a\"}|unknown field Tenant",
                "{\"tenant\":\"a\",\"tenant\":\"b\"}|tenant is there twice",
                "{\"tenant\":1}|tenant must be a string",
                "{\"tenant\":null}|tenant must be a string",
                "{\"tenant\":\"a\",\"role\":[\"admin\"]}|role must be a string",
                "{\"tenant\":\"a\",\"role\":\"Admin\"}|role must be tenant or admin",
                "{\"tenant\":\"a\",\"role\":\"root\"}|role must be tenant or admin",
                "{\"tenant\":\"a\",\"role\":\"\"}|role must be tenant or admin",
                "{\"tenant\":\"a\",\"role\":\" admin\"}|role must be tenant or admin"
            })
    @DisplayName("is refused if its form is wrong, and the message names the field")
    void form(String body, String detail) {
        assertThat(problem(body).kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        assertThat(problem(body).detail()).contains(detail);
    }

    @ParameterizedTest(name = "\"{0}\"")
    @CsvSource(
            delimiter = '|',
            value = {
                "''|is blank",
                "' \\t'|is blank",
                "LONG|256 characters",
                "a,b|comma",
                "a:b|colon",
                "${user.home}|dollar sign",
                "a$$b|dollar sign",
                "a\\\\b|backslash",
                "a\\nb|control character",
                "a\\u0000b|control character",
                "a\\u007fb|control character",
                "a\\u2028b|control character",
                "a\\ud800b|half a character",
                "' a'|begins or ends with a blank",
                "'a '|begins or ends with a blank",
                "'a\\u2003'|begins or ends with a blank"
            })
    @DisplayName("is refused for a tenant whose name would change, or be invalid, in the configuration")
    void tenant(String tenant, String why) {
        Problem problem =
                problem("{\"tenant\":\"" + tenant.replace("LONG", "x".repeat(256)) + "\",\"role\":\"tenant\"}");

        assertThat(problem.kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        assertThat(problem.detail()).startsWith("tenant ").contains(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "tenant=a&role=admin", "{\"tenant\":\"a\",\"role\":\"admin\"} x"})
    @DisplayName("is refused as malformed if it is not JSON")
    void malformed(String body) {
        assertThat(problem(body).kind()).isEqualTo(ProblemKind.MALFORMED_JSON);
    }

    private static NewKeyRequest parse(String body) {
        return NewKeyRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static Problem problem(String body) {
        return catchThrowableOfType(ProblemException.class, () -> parse(body)).problem();
    }
}
