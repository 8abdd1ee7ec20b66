package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeTest {

    private static final UUID CALL = UUID.randomUUID();

    @ParameterizedTest
    @DisplayName("quotes, emoji and other scripts are allowed in a tenant's name")
    @ValueSource(strings = {"acme", "O'Reilly \"& Söhne\"; drop table llm_calls", "🦊 fox", "東京", "<img src=x>"})
    void ordinaryNames(String tenant) {
        assertThat(new Scope(tenant, "chat", CALL).tenantId()).isEqualTo(tenant);
    }

    @ParameterizedTest
    @DisplayName("a blank tenant is refused by name")
    @NullSource
    @ValueSource(strings = {"", " ", "\t\n"})
    void blankTenant(String tenant) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope(tenant, "chat", CALL))
                .withMessage("tenantId must not be blank");
    }

    @ParameterizedTest
    @DisplayName("a blank operation is refused by name")
    @NullSource
    @ValueSource(strings = {"", " "})
    void blankOperation(String operation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope("acme", operation, CALL))
                .withMessage("operation must not be blank");
    }

    @Test
    @DisplayName("names may fill their columns and not exceed them, counted in UTF-16 units")
    void lengths() {
        assertThat(new Scope("t".repeat(255), "o".repeat(64), CALL)).isNotNull();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope("🦊".repeat(128), "chat", CALL))
                .withMessage("tenantId has 256 characters, at most 255 are allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope("acme", "o".repeat(65), CALL))
                .withMessage("operation has 65 characters, at most 64 are allowed");
    }

    @ParameterizedTest
    @DisplayName("a character that could forge a log line is refused, and the message says where it is")
    @ValueSource(strings = {"a\nb", "a\rb", "a\u0000b", "a\u001bb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u007fb"})
    void controlCharacters(String tenant) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope(tenant, "chat", CALL))
                .withMessageStartingWith("tenantId must not hold a control character, found U+")
                .withMessageEndingWith("at index 1")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(tenant));
    }

    @ParameterizedTest
    @DisplayName("half a character is refused, because no database could store it")
    @ValueSource(strings = {"a\ud83e", "\udd8a", "\udd8a\ud83e"})
    void loneSurrogates(String operation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope("acme", operation, CALL))
                .withMessageStartingWith("operation must be valid Unicode");
    }

    @Test
    @DisplayName("a call id is required")
    void callId() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scope("acme", "chat", null))
                .withMessage("callId must not be null");
    }
}
