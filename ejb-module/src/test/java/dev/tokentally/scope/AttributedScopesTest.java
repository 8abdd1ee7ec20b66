package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import jakarta.enterprise.context.spi.Context;
import jakarta.enterprise.inject.spi.BeanManager;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A scope with attributes")
class AttributedScopesTest {

    private static final UUID CALL = UUID.randomUUID();

    private static final CallAttributes ANN =
            new CallAttributes("ann", "talk-1", "production", Map.of("team", "support"));

    private final AttributeRules rules = new AttributeRules(
            new Settings(new MapConfig(Map.of("tokentally.user", "plain", "tokentally.tags", "team,feature"))));
    private final CallScope scopes = new CallScope(new CallContext(), requestIsActive(), null, rules);

    @Test
    @DisplayName("gives them to its calls, and the scope around it has its own again afterwards")
    void entered() {
        try (CallScope.Handle outer = scopes.enter("acme", "chat", CALL)) {
            assertThat(here()).isEqualTo(new CallScope.Current("acme", "chat", CALL, false));
            try (CallScope.Handle inner = scopes.enter(ANN)) {
                assertThat(here())
                        .isEqualTo(new CallScope.Current(
                                "acme", "chat", CALL, false, "ann", "talk-1", "production", "{\"team\":\"support\"}"));
            }
            assertThat(here()).isEqualTo(new CallScope.Current("acme", "chat", CALL, false));
        }
    }

    @Test
    @DisplayName("leaves out those that are wrong, also if the server's log throws")
    void logFails() {
        try (BrokenLog broken = BrokenLog.of(CallScope.class.getName())) {
            assertThat(scopes.acceptable(new CallAttributes("\u0001", "talk-1", null, null)))
                    .isEqualTo(new CallAttributes(null, "talk-1", null, null));
            assertThat(broken.lines()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("gives them to scopes inside it, which may set others, in whatever way they are entered")
    void nested() {
        try (CallScope.Handle outer = scopes.enter("acme", "chat", ANN)) {
            for (Supplier<CallScope.Handle> way : List.<Supplier<CallScope.Handle>>of(
                    () -> scopes.enter("acme", "tool"),
                    () -> scopes.enter("acme", "tool", CALL),
                    () -> scopes.enter("acme", "tool", new CallAttributes(null, null, null, null)),
                    () -> scopes.enter(scopes.newScope("acme", "tool")),
                    () -> scopes.insideCall(kind -> {}))) {
                try (CallScope.Handle inner = way.get()) {
                    assertThat(here().user()).isEqualTo("ann");
                    assertThat(here().session()).isEqualTo("talk-1");
                    assertThat(here().environment()).isEqualTo("production");
                    assertThat(here().tags()).isEqualTo("{\"team\":\"support\"}");
                }
            }
            try (CallScope.Handle inner =
                    scopes.enter(new CallAttributes("bob", null, null, Map.of("feature", "search")))) {
                assertThat(here().user()).isEqualTo("bob");
                assertThat(here().session()).isEqualTo("talk-1");
                assertThat(here().tags()).isEqualTo("{\"feature\":\"search\",\"team\":\"support\"}");
            }
            assertThat(here().user()).isEqualTo("ann");
        }
        assertThat(scopes.current()).isEmpty();
    }

    @Test
    @DisplayName("takes them along in a snapshot, and the other scope has its own again afterwards")
    void snapshot() {
        CallScope.Snapshot taken;
        try (CallScope.Handle scope = scopes.enter("acme", "chat", ANN)) {
            taken = scopes.capture();
        }
        try (CallScope.Handle other =
                scopes.enter("acme", "chat", new CallAttributes("bob", "talk-2", null, Map.of("feature", "x")))) {
            assertThat(taken.wrapSupplier(this::here).get().user()).isEqualTo("ann");
            assertThat(taken.wrapSupplier(this::here).get().tags()).isEqualTo("{\"team\":\"support\"}");
            assertThat(here().user()).isEqualTo("bob");
        }
    }

    @Test
    @DisplayName("is refused if they cannot be recorded, and the current scope stays")
    void refused() {
        assertThatThrownBy(() -> scopes.enter(ANN)).isInstanceOf(MissingCallScopeException.class);
        try (CallScope.Handle outer = scopes.enter("acme", "chat", CALL)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scopes.enter((CallAttributes) null))
                    .withMessage("attributes must not be null");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scopes.enter("acme", "chat", (CallAttributes) null))
                    .withMessage("attributes must not be null");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> scopes.enter("acme", "chat", new CallAttributes(null, " ", null, null)))
                    .withMessage("session must not be blank");
            assertThat(here()).isEqualTo(new CallScope.Current("acme", "chat", CALL, false));
        }
    }

    @Test
    @DisplayName("can be given attributes from outside without those that it would refuse, with one WARNING")
    void acceptable() {
        try (CapturedLog log = CapturedLog.of(CallScope.class.getName())) {
            assertThat(scopes.acceptable(ANN)).isEqualTo(ANN);
            assertThat(log.messages()).isEmpty();

            assertThat(scopes.acceptable(
                            new CallAttributes(" ", "talk-1", "se\ncret", Map.of("team", "support", "fo\rged", "x"))))
                    .isEqualTo(new CallAttributes(null, "talk-1", null, Map.of("team", "support")));
            assertThat(log.messages()).singleElement().satisfies(line -> assertThat(line)
                    .contains("user must not be blank", "environment must not hold a control", "tags has a key")
                    .doesNotContain("cret", "ged", "\n", "\r"));
        }
    }

    @Test
    @DisplayName("cannot fill the log, even if many attributes from outside or from the resolver are wrong")
    void many() {
        CallAttributes wrong = new CallAttributes(" ", null, null, null);
        CurrentAttributes resolving = resolving(() -> wrong);
        try (CapturedLog log = CapturedLog.of("dev.tokentally.scope")) {
            for (int i = 0; i < 300; i++) {
                scopes.acceptable(wrong);
                resolving.addedTo(scopes.newScope("acme", "annotated"));
            }
            assertThat(log.messages()).hasSizeBetween(20, 200);
        }
    }

    @Test
    @DisplayName("has those of the resolver if an annotation enters it, and inherits the rest")
    void resolved() {
        try (CallScope.Handle outer = scopes.enter("acme", "chat", ANN)) {
            Scope scope = scopes.newScope("acme", "annotated");

            assertThat(resolving(() -> new CallAttributes("bob", null, null, Map.of("feature", "x")))
                            .addedTo(scope)
                            .attributes())
                    .isEqualTo(new Attributes(
                            "bob", "talk-1", "production", new TreeMap<>(Map.of("feature", "x", "team", "support"))));
            assertThat(resolving(() -> null).addedTo(scope)).isEqualTo(scope);
        }
    }

    @Test
    @DisplayName("is entered by annotation whatever the resolver returns or throws, with one WARNING")
    void wrongResolver() {
        try (CallScope.Handle outer = scopes.enter("acme", "chat", ANN)) {
            Scope scope = scopes.newScope("acme", "annotated");
            try (CapturedLog log = CapturedLog.of(CurrentAttributes.class.getName())) {
                assertThat(resolving(() -> new CallAttributes("", "talk-2", "\u0000", Map.of("owner", "x")))
                                .addedTo(scope)
                                .attributes())
                        .isEqualTo(new Attributes(
                                "ann", "talk-2", "production", new TreeMap<>(Map.of("team", "support"))));
                assertThat(log.messages())
                        .singleElement()
                        .asString()
                        .contains(
                                "the CallAttributesResolver gives", "tenant=acme operation=annotated", "user", "owner");
            }
            for (Throwable thrown : new Throwable[] {new IllegalStateException("secret"), new StackOverflowError()}) {
                try (CapturedLog log = CapturedLog.of(CurrentAttributes.class.getName())) {
                    assertThat(resolving(() -> AttributedScopesTest.<RuntimeException>sneak(thrown))
                                    .addedTo(scope))
                            .isEqualTo(scope);
                    assertThat(log.messages())
                            .singleElement()
                            .asString()
                            .contains(thrown.getClass().getName(), "tenant=acme operation=annotated")
                            .doesNotContain("secret");
                }
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> CallAttributes sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private CurrentAttributes resolving(CallAttributesResolver resolver) {
        return new CurrentAttributes(
                new Resolvers() {
                    @Override
                    <T, R> R ask(Class<T> type, Function<T, R> question, Supplier<R> otherwise) {
                        return question.apply(type.cast(resolver));
                    }
                },
                rules);
    }

    private CallScope.Current here() {
        return scopes.current().orElseThrow();
    }

    private static BeanManager requestIsActive() {
        Context active = (Context) Proxy.newProxyInstance(
                AttributedScopesTest.class.getClassLoader(),
                new Class<?>[] {Context.class},
                (context, method, arguments) -> method.getName().equals("isActive"));
        return (BeanManager) Proxy.newProxyInstance(
                AttributedScopesTest.class.getClassLoader(),
                new Class<?>[] {BeanManager.class},
                (beans, method, arguments) -> active);
    }
}
