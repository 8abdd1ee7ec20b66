package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.scope.CallAttributes;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The attributes in the headers of a request")
class AttributeHeadersTest {

    private static final Set<String> KEYS = Set.of("team", "costCentre");

    @Test
    @DisplayName("are none where there are no such headers")
    void none() {
        assertThat(of(Map.of("Accept", "*/*", "X-Tokentally", "x")))
                .isEqualTo(new CallAttributes(null, null, null, null));
    }

    @Test
    @DisplayName("are user, session, environment and tags, whatever the case of the names")
    void all() {
        assertThat(of(Map.of(
                        "x-tokentally-user", "ann",
                        "X-TOKENTALLY-SESSION", "talk-1",
                        "X-Tokentally-Environment", "test",
                        "X-Tokentally-Tag-Team", "support",
                        "x-tokentally-tag-costcentre", "4711",
                        "x-tokentally-tag-other", "x")))
                .isEqualTo(new CallAttributes(
                        "ann", "talk-1", "test", Map.of("team", "support", "costCentre", "4711", "other", "x")));
    }

    private static CallAttributes of(Map<String, String> headers) {
        Map<String, String> ignoringCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        ignoringCase.putAll(headers);
        HttpServletRequest request = (HttpServletRequest) Proxy.newProxyInstance(
                AttributeHeadersTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getHeaderNames" -> Collections.enumeration(headers.keySet());
                    case "getHeader" -> ignoringCase.get((String) arguments[0]);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return AttributeHeaders.of(request, KEYS);
    }
}
