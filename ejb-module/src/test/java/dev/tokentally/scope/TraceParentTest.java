package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A traceparent header")
class TraceParentTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @ParameterizedTest
    @DisplayName("names the trace and the span, in version 00 and in the later ones")
    @ValueSource(
            strings = {
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
                " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\t",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what the future brings",
                "fe-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-"
            })
    void read(String header) {
        assertThat(TraceParent.of(List.of(header))).isEqualTo(new TraceParent(new CallTrace(TRACE, SPAN), null));
    }

    @ParameterizedTest
    @DisplayName("that breaks the standard is left out, for a reason that does not show it")
    @ValueSource(
            strings = {
                "",
                "secret",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-secret",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.secret",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0102",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "FE-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473x-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e473１-00f067aa0ba902b7-01",
                "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                "00-4bf92f3577b34da6a3ce929d0e0e47360-0f067aa0ba902b7-01"
            })
    void leftOut(String header) {
        leftOut(List.of(header));
    }

    @Test
    @DisplayName("that is sent twice is left out")
    void twice() {
        String header = "00-" + TRACE + "-" + SPAN + "-01";

        leftOut(List.of(header, header));
    }

    private static void leftOut(List<String> headers) {
        TraceParent read = TraceParent.of(headers);

        assertThat(read.trace()).isNull();
        assertThat(read.fault()).isNotBlank().doesNotContain("secret", "4bf9", "f067", "\n");
    }

    @Test
    @DisplayName("may be missing")
    void missing() {
        assertThat(TraceParent.of(List.of())).isEqualTo(TraceParent.NONE);
    }
}
