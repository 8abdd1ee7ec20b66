package dev.tokentally.web.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.web.MapConfig;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The address of traces")
class TraceUrlTest {

    private static PageSettings with(String value) {
        return new PageSettings(new MapConfig(Map.of("tokentally.trace-url", value)));
    }

    @ParameterizedTest
    @DisplayName("is used unchanged if it is valid")
    @ValueSource(
            strings = {
                "https://tracing.example.com/trace/{trace_id}",
                "http://localhost:16686/trace/{trace_id}",
                "HTTPS://tracing.example.com/?id={trace_id}&again={trace_id}",
                "http://jaeger_ui:16686/#/trace/{trace_id}",
                "https://[::1]:8443/{trace_id}",
                "https://[::1]/{trace_id}",
                "https://example.com:65535/{trace_id}",
                "https://127.0.0.1/{trace_id}/mail@example.com",
                "https://grafana.example.com/explore?panes=%7B%22a%22:%7B%22query%22:%22{trace_id}%22%7D%7D",
            })
    void allowed(String value) {
        assertThat(with(value).traceUrl()).contains(value);
        assertThat(with(" " + value + "  ").traceUrl()).contains(value);
    }

    @Test
    @DisplayName("is optional")
    void missing() {
        assertThat(new PageSettings(new MapConfig(Map.of())).traceUrl()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("stops the deployment if it is invalid, and the message names the key and what is allowed")
    @ValueSource(
            strings = {
                "",
                " ",
                "{trace_id}",
                "https://tracing.example.com/trace/",
                "https://tracing.example.com/trace/{traceId}",
                "https://tracing.example.com/trace/{trace_id}/{span_id}",
                "https://tracing.example.com/trace/%7Btrace_id%7D",
                "tracing.example.com/{trace_id}",
                "//tracing.example.com/{trace_id}",
                "/trace/{trace_id}",
                "https:/{trace_id}",
                "https:///{trace_id}",
                "https:{trace_id}",
                "https://{trace_id}",
                "https://{trace_id}/",
                "https://{trace_id}.example.com/",
                "https://example.com:{trace_id}/",
                "https://example.com:0/{trace_id}",
                "https://example.com:65536/{trace_id}",
                "https://[::1]:99999/{trace_id}",
                "https://:443/{trace_id}",
                "https://exa mple.com/{trace_id}",
                "https://example.com/a b/{trace_id}",
                "https://example.com/\n{trace_id}",
                "https://example.com\\{trace_id}",
                "https://example.com/\"onclick=alert(1)/{trace_id}",
                "javascript:alert('{trace_id}')",
                "JavaScript://example.com/%0Aalert('{trace_id}')",
                "java\tscript:alert('{trace_id}')",
                "data:text/html,{trace_id}",
                "file:///etc/{trace_id}",
                "ftp://example.com/{trace_id}",
                "blob:https://example.com/{trace_id}",
                "view-source:https://example.com/{trace_id}",
            })
    void refused(String value) {
        assertThatThrownBy(() -> with(value))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContainingAll("tokentally.trace-url", "\"" + value + "\"", "http or https", "{trace_id}");
    }

    @ParameterizedTest
    @DisplayName("may not contain a user, and a password in it is never shown")
    @ValueSource(
            strings = {"https://me:secret@example.com/{trace_id}", "https://secret@{trace_id}/", "ftp://a:secret@b"})
    void user(String value) {
        assertThatThrownBy(() -> with(value))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.trace-url")
                .message()
                .doesNotContain("secret");
    }
}
