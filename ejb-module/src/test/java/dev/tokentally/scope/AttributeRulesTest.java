package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The attributes of a scope")
class AttributeRulesTest {

    private static final String KEYS = "team, feature, k1, k2, k3, k4, k5, k6, k7, k8, k9";

    private final AttributeRules plain = rules(Map.of("tokentally.user", "plain", "tokentally.tags", KEYS));

    @Test
    @DisplayName("are kept unchanged, even those that look like a formula, and tags are sorted by their keys")
    void taken() {
        Attributes taken = within(
                Attributes.NONE,
                new CallAttributes(
                        "=cmd|'/c calc'!A1",
                        "s".repeat(255),
                        "e".repeat(64),
                        Map.of("team", "r \"&\" d \\ \uD83D\uDE00", "feature", "f".repeat(255))));

        assertThat(taken.user()).isEqualTo("=cmd|'/c calc'!A1");
        assertThat(taken.session()).hasSize(255);
        assertThat(taken.environment()).hasSize(64);
        assertThat(taken.tagsText())
                .isEqualTo("{\"feature\":\"" + "f".repeat(255) + "\",\"team\":\"r \\\"&\\\" d \\\\ \uD83D\uDE00\"}");
    }

    @Test
    @DisplayName("are inherited if they are not given, each tag by itself")
    void inherited() {
        Attributes outer =
                within(Attributes.NONE, new CallAttributes("ann", "talk", "test", Map.of("team", "a", "feature", "b")));

        assertThat(within(outer, new CallAttributes(null, null, null, null))).isEqualTo(outer);
        assertThat(within(outer, new CallAttributes(null, null, null, Map.of())))
                .isEqualTo(outer);
        assertThat(within(outer, new CallAttributes("bob", null, "live", Map.of("team", "c", "k1", "d"))))
                .isEqualTo(new Attributes(
                        "bob",
                        "talk",
                        "live",
                        new TreeMap<>(Map.of("feature", "b", "k1", "d", "team", "c")),
                        "{\"feature\":\"b\",\"k1\":\"d\",\"team\":\"c\"}"));
    }

    static Stream<Arguments> wrong() {
        List<Arguments> wrong = new ArrayList<>();
        for (String field : List.of("user", "session", "environment", "tags.team")) {
            for (String value :
                    List.of("", " ", "\t", "a\nb", "a\u0000", "a\u0085", "a\u2028b", "a\uD83D", "x".repeat(256))) {
                wrong.add(Arguments.of(field, value));
            }
        }
        wrong.add(Arguments.of("environment", "x".repeat(65)));
        return wrong.stream();
    }

    @ParameterizedTest
    @DisplayName(
            "are refused if they are blank, too long, invalid Unicode or have a control character, and the message names the field")
    @MethodSource
    void wrong(String field, String value) {
        CallAttributes given = given(field, value);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> within(Attributes.NONE, given))
                .withMessageStartingWith(field + " ");
        List<String> reasons = new ArrayList<>();
        CallAttributes more = new CallAttributes(
                given.user(),
                given.session(),
                given.environment(),
                given.tags() == null ? Map.of("k1", "v") : both(given));
        assertThat(plain.within(Attributes.NONE, more, reason -> reasons.add(reason.getMessage())))
                .isEqualTo(new Attributes(null, null, null, new TreeMap<>(Map.of("k1", "v"))));
        assertThat(reasons).hasSize(1);
    }

    private static Map<String, String> both(CallAttributes given) {
        return Map.of("team", given.tags().get("team"), "k1", "v");
    }

    private static CallAttributes given(String field, String value) {
        return switch (field) {
            case "user" -> new CallAttributes(value, null, null, null);
            case "session" -> new CallAttributes(null, value, null, null);
            case "environment" -> new CallAttributes(null, null, value, null);
            default -> new CallAttributes(null, null, null, Map.of("team", value));
        };
    }

    @ParameterizedTest(name = "{index}")
    @DisplayName("cannot have a tag whose key is not on the list, and the message shows no key that could forge a line")
    @CsvSource({"secret, the key secret", "Team, the key Team", "'', a key", "' team', a key", "'a\nb', a key"})
    void offTheList(String key, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> within(
                        Attributes.NONE, new CallAttributes(null, null, null, Map.of(key.replace("\\n", "\n"), "v"))))
                .withMessageStartingWith("tags has " + shown + ", which is not in tokentally.tags");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rules(Map.of())
                        .within(
                                Attributes.NONE,
                                new CallAttributes(null, null, null, Map.of("team", "v")),
                                this::refuse))
                .withMessageEndingWith("allowed are none");
    }

    @Test
    @DisplayName("cannot have a tag without key or value")
    void nullTag() {
        for (Map<String, String> tags : List.of(
                Collections.<String, String>singletonMap(null, "v"),
                Collections.<String, String>singletonMap("team", null))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> within(Attributes.NONE, new CallAttributes(null, null, null, tags)))
                    .withMessageStartingWith("tags");
        }
    }

    @Test
    @DisplayName("are eight tags at most, with those of the scope around it")
    void ninth() {
        Map<String, String> nine = IntStream.rangeClosed(1, 9)
                .boxed()
                .collect(Collectors.toMap(number -> "k" + number, number -> "v" + number));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> within(Attributes.NONE, new CallAttributes(null, null, null, nine)))
                .withMessageStartingWith("tags has too many keys");

        nine.remove("k9");
        Attributes eight = within(Attributes.NONE, new CallAttributes(null, null, null, nine));
        assertThat(eight.tags()).hasSize(8);
        assertThat(within(eight, new CallAttributes(null, null, null, Map.of("k1", "other")))
                        .tags())
                .hasSize(8)
                .containsEntry("k1", "other");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> within(eight, new CallAttributes(null, null, null, Map.of("k9", "v"))))
                .withMessageStartingWith("tags has too many keys");
    }

    @Test
    @DisplayName("have a tag text that fits its column with eight tags, whatever they contain")
    void longest() {
        String longKeys = IntStream.range(0, 8)
                .mapToObj(number -> number + "k".repeat(63))
                .collect(Collectors.joining(","));
        Map<String, String> tags =
                Stream.of(longKeys.split(",")).collect(Collectors.toMap(key -> key, key -> "\"".repeat(255)));

        Attributes attributes = rules(Map.of("tokentally.tags", longKeys))
                .within(Attributes.NONE, new CallAttributes(null, null, null, tags), this::refuse);

        assertThat(attributes.tagsText()).hasSizeLessThanOrEqualTo(5000);
    }

    @Test
    @DisplayName("have no user by default, and the user's HMAC if names are hashed, even in scopes that inherit it")
    void users() {
        CallAttributes ann = new CallAttributes("ann", null, null, null);
        assertThat(rules(Map.of()).within(Attributes.NONE, ann, this::refuse).user())
                .isNull();

        AttributeRules hashing = rules(Map.of("tokentally.user", "hashed", "tokentally.user.hash-key", "key"));
        Attributes hashed = hashing.within(Attributes.NONE, ann, this::refuse);
        assertThat(hashed.user()).matches("[0-9a-f]{64}");
        assertThat(hashing.within(hashed, new CallAttributes(null, "talk", null, null), this::refuse)
                        .user())
                .isEqualTo(hashed.user());
        assertThat(hashing.within(hashed, ann, this::refuse).user()).isEqualTo(hashed.user());
        assertThat(hashing.within(hashed, new CallAttributes("bob", null, null, null), this::refuse)
                        .user())
                .isNotEqualTo(hashed.user());
    }

    private Attributes within(Attributes outer, CallAttributes given) {
        return plain.within(outer, given, this::refuse);
    }

    private void refuse(IllegalArgumentException wrong) {
        throw wrong;
    }

    private static AttributeRules rules(Map<String, String> config) {
        return new AttributeRules(new Settings(new MapConfig(config)));
    }
}
