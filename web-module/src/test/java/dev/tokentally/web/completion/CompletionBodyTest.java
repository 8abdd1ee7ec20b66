package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.web.problem.Problem;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The body of a completion request")
class CompletionBodyTest {

    private static final String VALID =
            "{\"operation\": \"sum\", \"system_message\": \"short\", \"user_message\": \"hi 😀\"}";

    @Test
    @DisplayName("has operation, system message and user message, in any order")
    void valid() {
        CompletionRequest expected = new CompletionRequest("sum", "short", "hi 😀");

        assertThat(parse(VALID)).isEqualTo(expected);
        assertThat(
                        parse(
                                " {\"user_message\":\"hi \\ud83d\\ude00\",\n\"operation\":\"\\u0073um\",\"system_message\":\"short\"}\r\n "))
                .isEqualTo(expected);
    }

    @Test
    @DisplayName("may have no system message, or an empty one")
    void withoutSystemMessage() {
        CompletionRequest expected = new CompletionRequest("sum", "", "hi");

        assertThat(parse("{\"operation\":\"sum\",\"user_message\":\"hi\"}")).isEqualTo(expected);
        assertThat(parse("{\"operation\":\"sum\",\"user_message\":\"hi\",\"system_message\":\"\"}"))
                .isEqualTo(expected);
    }

    @Test
    @DisplayName("is refused as malformed, wherever it is cut off")
    void cutOff() {
        byte[] whole = VALID.getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);

            assertThat(problem(part).kind()).as("%d bytes", length).isEqualTo(ProblemKind.MALFORMED_JSON);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "   ",
                "tru",
                "{'operation':'x'}",
                "{\"operation\":\"x\",}",
                "{\"operation\" \"x\"}",
                "{\"operation\":\"a\nb\"}",
                "{\"operation\":\"\\x\"}",
                "{\"operation\":\"\\u12\"}",
                "{operation:\"x\"}",
                "\uFEFF{\"operation\":\"x\",\"user_message\":\"y\"}",
                "{\"operation\":\"x\",\"user_message\":\"y\"} x",
                "{\"operation\":\"x\",\"user_message\":\"y\"}{}",
                "{\"operation\":\"x\",\"user_message\":\"y\"}]",
                "{\"operation\":\"x\",\"user_message\":\"y\"},",
                "{\"operation\":\"x\",\"user_message\":\"y\"}\u0000"
            })
    @DisplayName("is refused as malformed if it is not JSON, and the message says where")
    void notJson(String body) {
        Problem problem = problem(body.getBytes(StandardCharsets.UTF_8));

        assertThat(problem.kind()).isEqualTo(ProblemKind.MALFORMED_JSON);
        assertThat(problem.detail()).matches("The body is not valid JSON, at line \\d+, column \\d+\\.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ISO-8859-1", "UTF-16", "UTF-16LE", "UTF-32BE"})
    @DisplayName("is refused as malformed in any encoding except UTF-8")
    void otherEncodings(String charset) {
        byte[] body = "{\"operation\":\"é\",\"user_message\":\"y\"}".getBytes(Charset.forName(charset));

        assertThat(problem(body).kind()).isEqualTo(ProblemKind.MALFORMED_JSON);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|JSON object",
                "\"x\"|JSON object",
                "1|JSON object",
                "null|JSON object",
                "{}|operation is missing",
                "{\"operation\":\"x\"}|user_message is missing",
                "{\"user_message\":\"x\"}|operation is missing",
                "{\"operation\":\"x\",\"user_message\":\"y\",\"model\":\"z\"}|unknown field model",
                "{\"Operation\":\"x\"}|unknown field Operation",
                "{\"\":\"x\"}|unknown field",
                "{\"operation\":\"x\",\"operation\":\"x\"}|operation is there twice",
                "{\"operation\":\"x\",\"\\u006fperation\":\"x\"}|operation is there twice",
                "{\"operation\":1}|operation must be a string",
                "{\"operation\":1e999999999}|operation must be a string",
                "{\"operation\":true}|operation must be a string",
                "{\"user_message\":null}|user_message must be a string",
                "{\"system_message\":null}|system_message must be a string",
                "{\"user_message\":{\"a\":1}}|user_message must be a string",
                "{\"user_message\":[]}|user_message must be a string",
                "{\"operation\":\"\",\"user_message\":\"y\"}|operation must not be blank",
                "{\"operation\":\"x\",\"user_message\":\" \\n\"}|user_message must not be blank",
                "{\"operation\":\"x\",\"user_message\":\"a\\ud800\"}|user_message must be valid Unicode",
                "{\"operation\":\"x\",\"user_message\":\"a\",\"system_message\":\"\\udc00b\"}|system_message must be valid Unicode"
            })
    @DisplayName("is refused as invalid if it is JSON with wrong fields, and the message names the field")
    void invalid(String body, String detail) {
        Problem problem = problem(body.getBytes(StandardCharsets.UTF_8));

        assertThat(problem.kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        assertThat(problem.detail()).contains(detail);
    }

    @Test
    @DisplayName("is refused at the first nested value, however deep it is")
    void deeplyNested() {
        String nested = "{\"operation\":" + "[".repeat(1_000_000);

        assertThat(problem(nested.getBytes(StandardCharsets.UTF_8)).detail()).contains("operation must be a string");
        assertThat(problem("[".repeat(1_000_000).getBytes(StandardCharsets.UTF_8))
                        .detail())
                .contains("JSON object");
    }

    @Test
    @DisplayName("cannot make the answer long by a long name of an unknown field")
    void longUnknownField() {
        String body = "{\"" + "x".repeat(100_000) + "\":1}";

        assertThat(problem(body.getBytes(StandardCharsets.UTF_8)).detail()).hasSizeLessThan(400);
    }

    @Test
    @DisplayName("may have a message of a megabyte")
    void large() {
        String message = "a".repeat(1_000_000);

        assertThat(parse("{\"operation\":\"x\",\"user_message\":\"" + message + "\"}")
                        .userMessage())
                .isEqualTo(message);
    }

    @Test
    @DisplayName("gives a problem without a stack trace")
    void cheap() {
        assertThatThrownBy(() -> parse("[]"))
                .satisfies(thrown -> assertThat(thrown.getStackTrace()).isEmpty());
    }

    private static CompletionRequest parse(String body) {
        return CompletionBody.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static Problem problem(byte[] body) {
        return catchThrowableOfType(ProblemException.class, () -> CompletionBody.parse(body))
                .problem();
    }
}
