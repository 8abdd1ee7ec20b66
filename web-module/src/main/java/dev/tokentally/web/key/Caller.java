package dev.tokentally.web.key;

import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;

/** Who makes the current request, as the filter found out. */
@RequestScoped
class Caller {

    private ApiKey key;

    void is(ApiKey presented) {
        this.key = presented;
    }

    Optional<String> tenant() {
        return Optional.ofNullable(key).map(ApiKey::tenant);
    }
}
