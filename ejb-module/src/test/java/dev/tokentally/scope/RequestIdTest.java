package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("X-Request-ID")
class RequestIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"01934b5e-0000-7000-8000-0123456789ab", "01934B5E-0000-7000-8000-0123456789AB"})
    @DisplayName("becomes the call id if it is a UUID, and is sent back unchanged")
    void taken(String header) {
        RequestId id = RequestId.of(List.of(header));

        assertThat(id.callId()).isEqualTo(UUID.fromString(header));
        assertThat(id.header()).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-1-1-1-1",
                "01934b5e00007000800001234567890b",
                "{01934b5e-0000-7000-8000-0123456789ab}",
                "01934b5e-0000-7000-8000-0123456789ab\n",
                "01934b5e-0000-7000-8000-0123456789ab, 01934b5e-0000-7000-8000-0123456789ab",
                "01934b5e-0000-7000-8000-0123456789ag"
            })
    @DisplayName("is replaced by a new one if it is not a UUID")
    void notTaken(String header) {
        RequestId id = RequestId.of(List.of(header));

        assertThat(id.header()).isNotEqualTo(header).isEqualTo(id.callId().toString());
    }

    @Test
    @DisplayName("is replaced by a new one if it is missing or sent twice")
    void missingOrTwice() {
        String sent = "01934b5e-0000-7000-8000-0123456789ab";

        assertThat(RequestId.of(List.of()).callId())
                .isNotEqualTo(RequestId.of(List.of()).callId());
        assertThat(RequestId.of(List.of()).header()).hasSize(36);
        assertThat(RequestId.of(List.of(sent, sent)).header()).isNotEqualTo(sent);
    }
}
