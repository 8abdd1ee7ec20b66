package dev.tokentally.web.completion;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.scope.CallAttributes;
import dev.tokentally.text.Summary;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger.Level;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The attributes in the headers of a request")
class AttributeHeadersTest {

    private static final Set<String> KEYS = Set.of("team", "costCentre");

    @Test
    @DisplayName("are missing if there are no such headers")
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

    @Test
    @DisplayName("are left out if a header is there twice, because nobody knows which one is meant")
    void twice() {
        assertThat(ofAll(Map.of(
                        "X-Tokentally-User", List.of("ann", "bob"),
                        "X-Tokentally-Session", List.of("talk-1"),
                        "X-Tokentally-Tag-team", List.of("a", "a"))))
                .isEqualTo(new CallAttributes(null, "talk-1", null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Zo\u00eb", "\u65e5\u672c", "\uD83D\uDE00", "ann"})
    @DisplayName("are read as UTF-8, although servers read them as ISO-8859-1")
    void utf8(String user) {
        String asRead = new String(user.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(of(Map.of("X-Tokentally-User", asRead)).user()).isEqualTo(user);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Zo\u00eb", "\u65e5\u672c", "\u00c3", "\u00c0\u0080"})
    @DisplayName("stay as the server read them if they are not UTF-8")
    void notUtf8(String asRead) {
        assertThat(of(Map.of("X-Tokentally-User", asRead)).user()).isEqualTo(asRead);
    }

    private static CallAttributes of(Map<String, String> headers) {
        Map<String, List<String>> all = new HashMap<>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        return ofAll(all);
    }

    private static CallAttributes ofAll(Map<String, List<String>> headers) {
        Map<String, List<String>> ignoringCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        ignoringCase.putAll(headers);
        HttpServletRequest request = (HttpServletRequest) Proxy.newProxyInstance(
                AttributeHeadersTest.class.getClassLoader(),
                new Class<?>[] {HttpServletRequest.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getHeaderNames" -> Collections.enumeration(headers.keySet());
                    case "getHeaders" ->
                        Collections.enumeration(ignoringCase.getOrDefault((String) arguments[0], List.of()));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return AttributeHeaders.of(
                request, KEYS, new Summary(System.getLogger("test"), "headers were left out", Level.WARNING));
    }
}
