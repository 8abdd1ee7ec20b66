package dev.tokentally.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.web.key.AdminOnly;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** OpenApiIT tests on each server that the annotations work. */
@DisplayName("The API with a tenant's key")
class AdminOnlyTest {

    /** These methods answer with the data of the key's own tenant, or with data of no tenant. */
    private static final Set<String> FOR_TENANTS = Set.of(
            "POST api/completions",
            "POST api/prices/quotes",
            "GET api/dashboard",
            "GET api/usage",
            "GET api/usage/by",
            "GET api/usage/by-model",
            "GET api/usage/series",
            "GET api/usage/calls");

    @Test
    @DisplayName("answers on exactly these paths, and all other paths are for admins")
    void marks() {
        Set<String> open = ResourceMethod.all().stream()
                .filter(each -> !each.has(AdminOnly.class))
                .map(each -> each.name("api"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(open).isEqualTo(new TreeSet<>(FOR_TENANTS));
    }
}
