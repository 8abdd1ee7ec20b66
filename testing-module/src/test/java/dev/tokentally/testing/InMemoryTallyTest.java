package dev.tokentally.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.config.InvalidSettingException;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.scope.CallAttributes;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import dev.tokentally.tracking.OpenCall;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Without a server")
class InMemoryTallyTest {

    private static final LlmRequest<String> QUESTION = LlmRequest.of("Be brief.", "Why?", "ignored", String.class);
    private static final LlmResponse<String> ANSWER =
            new LlmResponse<>("Because.", "openai", "gpt-4o", TokenUsage.of(1_000_000, 0), null);

    private final InMemoryTally tally = new InMemoryTally();
    private final CannedLlm model = CannedLlm.answering(ANSWER);
    private final LlmPort llm = tally.track(model);

    @Test
    @DisplayName("a call through the port is recorded in its scope, with a price, and answered")
    void recorded() {
        UUID callId = UUID.randomUUID();
        try (CallScope.Handle scope = tally.scopes().enter("acme", "chat", callId)) {
            assertThat(llm.complete(QUESTION)).isSameAs(ANSWER);
        }

        assertThat(model.requests()).isEqualTo(List.of(QUESTION));
        CallRecord record = tally.records().only();
        assertThat(record.tenantId()).isEqualTo("acme");
        assertThat(record.operation()).isEqualTo("chat");
        assertThat(record.callId()).isEqualTo(callId);
        assertThat(record.status()).isEqualTo(CallStatus.OK);
        assertThat(record.costSource()).isEqualTo(CostSource.PRICE_LIST);
        assertThat(record.costUsd()).isPositive();
        assertThat(tally.records().whileTheCallerWaits())
                .isEqualTo(tally.records().all());

        tally.records().clear();
        assertThat(tally.records().all()).isEmpty();
        assertThatThrownBy(() -> tally.records().only()).isInstanceOf(AssertionError.class);
    }

    @Test
    @DisplayName("a call that fails is recorded and throws the model's exception")
    void failed() {
        RuntimeException failure = new IllegalStateException("no");
        try (CallScope.Handle scope = tally.scopes().enter("acme", "chat")) {
            assertThatThrownBy(() -> tally.track(CannedLlm.failing(failure)).complete(QUESTION))
                    .isSameAs(failure);
        }

        assertThat(tally.records().only().errorClass()).isEqualTo("IllegalStateException");
    }

    @Test
    @DisplayName("a call without a scope is refused, or reaches the model if the setting says so")
    void withoutScope() {
        assertThatThrownBy(() -> llm.complete(QUESTION)).isInstanceOf(MissingCallScopeException.class);
        assertThat(model.requests()).isEmpty();

        InMemoryTally lenient = new InMemoryTally(Map.of("tokentally.missing-scope", "pass-through"));
        assertThat(lenient.track(model).complete(QUESTION)).isSameAs(ANSWER);
        assertThat(lenient.records().all()).isEmpty();
        assertThat(lenient.records().withoutScope()).hasSize(1);
    }

    @Test
    @DisplayName("scopes nest, and the outer one is current again when the inner one closes")
    void nested() {
        try (CallScope.Handle outer = tally.scopes().enter("acme", "outer")) {
            try (CallScope.Handle inner = tally.scopes().enter("acme", "inner")) {
                llm.complete(QUESTION);
            }
            llm.complete(QUESTION);
        }

        assertThat(tally.records().all()).extracting(CallRecord::operation).containsExactly("inner", "outer");
        assertThat(tally.scopes().current()).isEmpty();
    }

    @Test
    @DisplayName("another thread has no scope until a snapshot brings it there")
    void otherThread() {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try (CallScope.Handle scope = tally.scopes().enter("acme", "chat")) {
            assertThat(CompletableFuture.supplyAsync(() -> tally.scopes().current(), threads)
                            .join())
                    .isEmpty();
            CompletableFuture.runAsync(
                            tally.scopes().capture().wrap(() -> {
                                llm.complete(QUESTION);
                            }),
                            threads)
                    .join();
            assertThat(CompletableFuture.supplyAsync(() -> tally.scopes().current(), threads)
                            .join())
                    .isEmpty();
        } finally {
            threads.shutdown();
        }

        assertThat(tally.records().only().operation()).isEqualTo("chat");
        assertThatThrownBy(() -> tally.scopes().capture()).isInstanceOf(MissingCallScopeException.class);
    }

    @Test
    @DisplayName("attributes are recorded as the test's settings say, whatever the environment contains")
    void attributes() {
        InMemoryTally tagged = new InMemoryTally(Map.of("tokentally.tags", "team", "tokentally.user", "plain"));
        try (CallScope.Handle scope = tagged.scopes()
                .enter("acme", "chat", new CallAttributes("zoe", "s-1", "test", Map.of("team", "support")))) {
            tagged.track(model).complete(QUESTION);
        }

        CallRecord record = tagged.records().only();
        assertThat(record.origin().userId()).isEqualTo("zoe");
        assertThat(record.origin().tags()).isEqualTo("{\"team\":\"support\"}");

        assertThatThrownBy(() -> new InMemoryTally(Map.of("tokentally.missing-scope", "perhaps")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("tokentally.missing-scope");
    }

    @ParameterizedTest
    @DisplayName("a key that is none is refused, with the key that was probably meant")
    @ValueSource(strings = {"tokentally.tag", "tags", "tokentaly.tags", "TOKENTALLY_TAGS"})
    void misspelt(String key) {
        assertThatThrownBy(() -> new InMemoryTally(Map.of(key, "team")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Tokentally does not read the configuration key " + key + ". Did you mean tokentally.tags?");
    }

    @ParameterizedTest
    @DisplayName("a key that resembles none is refused, with the place of the list")
    @ValueSource(strings = {"tokentally.db.host", "quarkus.datasource.url", "team", ""})
    void foreign(String key) {
        assertThatThrownBy(() -> new InMemoryTally(Map.of(key, "team")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Tokentally does not read the configuration key " + key
                        + ". docs/configuration.md lists the keys that it reads");
    }

    @Test
    @DisplayName("code that sees a call begin and end can report it to the tracker, which records it")
    void tracker() {
        OpenCall call;
        try (CallScope.Handle scope = tally.scopes().enter("acme", "chat")) {
            call = tally.tracker().begin();
        }
        call.failed(new IllegalStateException("no"));

        assertThat(tally.records().only().status()).isEqualTo(CallStatus.ERROR);
    }
}
