package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A role")
class RoleTest {

    @Test
    @DisplayName("admin may do what tenant may, not the other way round, and nobody has an unknown one")
    void includes() {
        assertThat(Role.ADMIN.includes("admin")).isTrue();
        assertThat(Role.ADMIN.includes("tenant")).isTrue();
        assertThat(Role.TENANT.includes("tenant")).isTrue();
        assertThat(Role.TENANT.includes("admin")).isFalse();
        assertThat(Role.ADMIN.includes("root")).isFalse();
    }
}
