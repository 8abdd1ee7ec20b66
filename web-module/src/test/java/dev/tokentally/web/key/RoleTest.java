package dev.tokentally.web.key;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A role")
class RoleTest {

    @Test
    @DisplayName("of an admin includes that of a tenant, not the other way round, and nobody has an unknown role")
    void includes() {
        assertThat(Role.ADMIN.includes("admin")).isTrue();
        assertThat(Role.ADMIN.includes("tenant")).isTrue();
        assertThat(Role.TENANT.includes("tenant")).isTrue();
        assertThat(Role.TENANT.includes("admin")).isFalse();
        assertThat(Role.ADMIN.includes("root")).isFalse();
    }
}
