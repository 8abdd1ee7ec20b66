package dev.tokentally.web.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A request for a repricing")
class RepricingRequestTest {

    @Test
    @DisplayName("is a dry run of all calls unless it says otherwise")
    void valid() {
        assertThat(parse("{}")).isEqualTo(new RepricingRequest(Window.ALWAYS, true));
        assertThat(parse("{\"dry_run\": true}").dryRun()).isTrue();
        assertThat(parse("{\"dry_run\":false,\"to\":\"2026-02-01T01:00:00+01:00\",\"from\":\"2026-01-01T00:00:00Z\"}"))
                .isEqualTo(new RepricingRequest(
                        new Window(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-02-01T00:00:00Z")),
                        false));
    }

    @ParameterizedTest(name = "{0}")
    @DisplayName("is refused if it has a mistake, and the message names the field")
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|a JSON object with the fields from, to, dry_run",
                "{\"dryRun\":false}|unknown field dryRun; known are from, to, dry_run",
                "{\"tenant\":\"a\"}|unknown field tenant",
                "{\"dry_run\":\"false\"}|dry_run must be true or false",
                "{\"dry_run\":null}|dry_run must be true or false",
                "{\"dry_run\":0}|dry_run must be true or false",
                "{\"dry_run\":[false]}|dry_run must be true or false",
                "{\"dry_run\":true,\"dry_run\":false}|dry_run is there twice",
                "{\"from\":null}|from must be a string",
                "{\"from\":1767225600}|from must be a string",
                "{\"from\":\"2026-01-01\"}|from must be a timestamp with an offset",
                "{\"from\":\"2026-01-01T00:00:00\"}|from must be a timestamp with an offset",
                "{\"from\":\"\"}|from must be a timestamp with an offset",
                "{\"to\":\"+999999999-01-01T00:00:00Z\"}|to must be in the years 1 to 9999",
                "{\"from\":\"2026-01-02T00:00:00Z\",\"to\":\"2026-01-02T00:00:00Z\"}|to must be after from",
            })
    void invalid(String body, String detail) {
        ProblemException thrown = catchThrowableOfType(ProblemException.class, () -> parse(body));

        assertThat(thrown.problem().kind()).isEqualTo(ProblemKind.VALIDATION_ERROR);
        assertThat(thrown.problem().detail()).contains(detail);
    }

    @ParameterizedTest(name = "\"{0}\"")
    @DisplayName("is refused if it is not JSON")
    @CsvSource(
            delimiter = '|',
            value = {"''", "{", "{\"dry_run\":False}", "{} {}", "dry_run=false"})
    void malformed(String body) {
        ProblemException thrown = catchThrowableOfType(ProblemException.class, () -> parse(body));

        assertThat(thrown.problem().kind()).isEqualTo(ProblemKind.MALFORMED_JSON);
    }

    private static RepricingRequest parse(String body) {
        return RepricingRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }
}
