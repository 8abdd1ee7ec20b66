package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.web.MapConfig;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A new key")
class NewKeyTest {

    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private final SecureRandom random = new SecureRandom();

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"acme, tenant", "boss, admin", "Müller & \"Söhne\" 😀, tenant", "a b, tenant", "#!=;, admin"})
    @DisplayName("works when its entry is configured beside others, for its tenant and role")
    void works(String tenant, String role) {
        NewKey made = make(tenant, role);
        ApiKeys keys = new ApiKeys(new MapConfig(Map.of(
                "tokentally.api-keys",
                "demo:tenant:" + ABC + "," + made.configured().entry())));

        assertThat(keys.find(made.key())).hasValueSatisfying(found -> {
            assertThat(found.tenant()).isEqualTo(tenant);
            assertThat(found.role().label()).isEqualTo(role);
        });
        assertThat(keys.find(make(tenant, role).key())).isEmpty();
    }

    @Test
    @DisplayName("fits a bearer header, holds 256 random bits, and never repeats")
    void form() {
        Set<String> made = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String key = make("acme", "tenant").key();

            assertThat(key).matches("tk_[A-Za-z0-9_-]{43}");
            assertThat(Base64.getUrlDecoder().decode(key.substring(3))).hasSize(32);
            assertThat(BearerHeader.of(List.of("Bearer " + key)).key()).isEqualTo(key);
            made.add(key);
        }
        assertThat(made).hasSize(1000);
    }

    @Test
    @DisplayName("is not in its entry or in its description as text")
    void secret() {
        NewKey made = make("acme", "tenant");

        assertThat(made.configured().entry()).startsWith("acme:tenant:").doesNotContain(made.key());
        assertThat(made.toString()).isEqualTo("NewKey[tenant=acme, role=TENANT]");
    }

    private NewKey make(String tenant, String role) {
        String body = "{\"tenant\":\"" + tenant.replace("\"", "\\\"") + "\",\"role\":\"" + role + "\"}";
        return NewKey.of(NewKeyRequest.parse(body.getBytes(StandardCharsets.UTF_8)), random);
    }
}
