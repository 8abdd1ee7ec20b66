package dev.tokentally.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.tokentally.BrokenLog;
import dev.tokentally.CapturedLog;
import dev.tokentally.config.MapConfig;
import dev.tokentally.config.MissingScope;
import dev.tokentally.config.Settings;
import dev.tokentally.llm.BilledFailure;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.llm.LlmRequest;
import dev.tokentally.llm.LlmResponse;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsageDoubt;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.MissingCallScopeException;
import dev.tokentally.usage.CallLinks;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import dev.tokentally.usage.CostSource;
import dev.tokentally.usage.TokenCounts;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrackingLlmDecoratorTest {

    private static final UUID CALL = UUID.fromString("0e8d3a54-8f4e-4d6e-9a59-4d1d7a5f2a11");
    private static final CallScope.Current SCOPE = new CallScope.Current("acme", "summarise", CALL, false);
    private static final Instant NOW = Instant.parse("2026-10-25T00:30:00.123456789Z");
    private static final LlmRequest<String> REQUEST =
            LlmRequest.of("be brief", "secret question", "somebody-else", String.class);

    private final RecorderInMemory recorder = new RecorderInMemory();

    @Test
    @DisplayName("a call that returns gives one record with what the response says")
    void returns() {
        LlmResponse<String> response =
                new LlmResponse<>("answer", "openai", "gpt-4o", new TokenUsage(100, 40, 60, 10, 30), 0.25);

        assertThat(decorator(SCOPE, () -> response).complete(REQUEST)).isSameAs(response);

        CallRecord record = onlyRecord();
        assertThat(record.tenantId()).isEqualTo("acme");
        assertThat(record.operation()).isEqualTo("summarise");
        assertThat(record.callId()).isEqualTo(CALL);
        assertThat(record.id().version()).isEqualTo(7);
        assertThat(record.startedAt()).isEqualTo(Instant.parse("2026-10-25T00:30:00.123456Z"));
        assertThat(record.callDuration()).isEqualTo(Duration.ofMillis(1234));
        assertThat(record.firstToken()).isNull();
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo("gpt-4o");
        assertThat(record.tokens()).isEqualTo(new TokenCounts(100, 40, 60, 10, 30));
        assertThat(record.costUsd()).isEqualByComparingTo("0.25");
        assertThat(record.costSource()).isEqualTo(CostSource.PROVIDER);
        assertThat(record.status()).isEqualTo(CallStatus.OK);
        assertThat(record.errorClass()).isNull();
    }

    @Test
    @DisplayName("the record has the attributes of its scope and the requested model")
    void attributes() {
        CallScope.Current scope = new CallScope.Current(
                "acme", "summarise", CALL, false, "ann", "talk-1", "production", "{\"team\":\"support\"}");

        decorator(scope, () -> LlmResponse.of("answer", "gpt-4o-2024-08-06", TokenUsage.of(1, 1), null)
                        .withRequestedModel("gpt-4o"))
                .complete(REQUEST);

        assertThat(onlyRecord().origin())
                .isEqualTo(new CallOrigin(
                        CALL, "acme", "summarise", "ann", "talk-1", "production", "{\"team\":\"support\"}"));
        assertThat(onlyRecord().usage().requestedModel()).isEqualTo("gpt-4o");
        assertThat(onlyRecord().model()).isEqualTo("gpt-4o-2024-08-06");
    }

    static Stream<Arguments> responseIds() {
        return Stream.of(
                Arguments.of(null, null),
                Arguments.of("", null),
                Arguments.of(" \n", null),
                Arguments.of("chatcmpl-9x 🦊", "chatcmpl-9x 🦊"),
                Arguments.of("a\r\nb\u0000", "a\uFFFD\uFFFDb\uFFFD"),
                Arguments.of("r".repeat(10_000), "r".repeat(255)));
    }

    @ParameterizedTest
    @DisplayName("the record has the provider's id of the answer, cut and cleaned like a provider's other texts")
    @MethodSource("responseIds")
    void responseId(String given, String recorded) {
        LlmResponse<String> response =
                LlmResponse.of("answer", "m", TokenUsage.of(1, 1), null).withResponseId(given);

        assertThat(decorator(SCOPE, () -> response).complete(REQUEST)).isSameAs(response);

        assertThat(onlyRecord().links()).isEqualTo(new CallLinks(null, null, recorded));
    }

    @Test
    @DisplayName("the record contains nothing of the prompt, the answer or the request's tenant")
    void secrets() {
        decorator(SCOPE, () -> LlmResponse.of("answer", "m", TokenUsage.of(1, 1), null))
                .complete(REQUEST);

        assertThat(onlyRecord().toString()).doesNotContain("secret", "be brief", "answer", "somebody-else");
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new IllegalStateException("secret"), "IllegalStateException"),
                Arguments.of(new StackOverflowError(), "StackOverflowError"),
                Arguments.of(new IOException("checked, and thrown all the same"), "IOException"),
                Arguments.of(new IllegalArgumentException() {}, "IllegalArgumentException"),
                Arguments.of(new RateLimited() {}, "RateLimited"));
    }

    @ParameterizedTest
    @DisplayName("a call that throws gives one record with the error class, and the caller gets the very same object")
    @MethodSource("failures")
    void throwing(Throwable thrown, String errorClass) {
        Throwable caught =
                catchThrowable(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST));

        assertThat(caught).isSameAs(thrown);
        CallRecord record = onlyRecord();
        assertThat(record.status()).isEqualTo(CallStatus.ERROR);
        assertThat(record.errorClass()).isEqualTo(errorClass);
        assertThat(record.provider()).isEmpty();
        assertThat(record.model()).isEmpty();
        assertThat(record.tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(record.costUsd()).isEqualByComparingTo("0");
        assertThat(record.costSource()).isEqualTo(CostSource.NONE);
        assertThat(record.callDuration()).isEqualTo(Duration.ofMillis(1234));
    }

    @Test
    @DisplayName("a failure that the provider charges for is recorded with its tokens and cost")
    void billedFailure() {
        Billed thrown = new Billed(() -> TokenUsage.of(50, 5));

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown);

        CallRecord record = onlyRecord();
        assertThat(record.status()).isEqualTo(CallStatus.ERROR);
        assertThat(record.errorClass()).isEqualTo("Billed");
        assertThat(record.provider()).isEqualTo("openai");
        assertThat(record.model()).isEqualTo("gpt-4o");
        assertThat(record.tokens()).isEqualTo(new TokenCounts(50, 5, 0, 0, 0));
        assertThat(record.costUsd()).isEqualByComparingTo("0.5");
        assertThat(record.usage().serviceTier()).isEqualTo("flex");
    }

    @Test
    @DisplayName("a failure that the provider charges for may say that its tokens are not known")
    void billedFailureWithoutTokens() {
        Billed thrown = new Billed(() -> null);
        try (CapturedLog log = CapturedLog.of("dev.tokentally.tracking")) {
            assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                    .isSameAs(thrown);

            assertThat(log.messages()).isEmpty();
        }
        assertThat(onlyRecord().tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(onlyRecord().costUsd()).isEqualByComparingTo("0.5");
    }

    @Test
    @DisplayName("a failure that has suppressed a billed one keeps its class and has the figures of the billed one")
    void suppressedBilledFailure() {
        RateLimited thrown = new RateLimited();
        thrown.addSuppressed(new IllegalStateException());
        thrown.addSuppressed(new EarlierBilled(() -> TokenUsage.of(50, 5)));

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown);

        assertThat(onlyRecord().errorClass()).isEqualTo("RateLimited");
        assertThat(onlyRecord().model()).isEqualTo("gpt-4o");
        assertThat(onlyRecord().tokens()).isEqualTo(new TokenCounts(50, 5, 0, 0, 0));
        assertThat(onlyRecord().costUsd()).isEqualByComparingTo("0.5");
    }

    @Test
    @DisplayName("a failure with several billed requests has no exact cost")
    void severalBilledFailures() {
        Billed thrown = new Billed(() -> TokenUsage.of(50, 5));
        thrown.addSuppressed(new EarlierBilled(() -> TokenUsage.of(50, 5)));

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown);

        assertThat(onlyRecord().tokens().input()).isEqualTo(50);
        assertThat(onlyRecord().costSource()).isNotIn(CostSource.PROVIDER, CostSource.PRICE_LIST);
    }

    @Test
    @DisplayName("a failure that has suppressed the failure of another port, which has a record, has no figures of it")
    void failureOfAnotherPort() {
        RateLimited thrown = new RateLimited();
        thrown.addSuppressed(new Billed(() -> TokenUsage.of(50, 5)));

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown);

        assertThat(onlyRecord().tokens()).isEqualTo(TokenCounts.ZERO);
        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
    }

    static Stream<Throwable> faults() {
        return Stream.of(new IllegalStateException(), new NoClassDefFoundError(), new IOException());
    }

    @ParameterizedTest
    @DisplayName("a billed failure that throws anything when asked for its tokens is recorded without tokens")
    @MethodSource("faults")
    void brokenBilledFailure(Throwable fault) {
        Billed thrown = new Billed(() -> {
            sneak(fault);
            return null;
        });

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown);

        assertThat(onlyRecord().errorClass()).isEqualTo("Billed");
        assertThat(onlyRecord().tokens()).isEqualTo(TokenCounts.ZERO);
    }

    @ParameterizedTest
    @DisplayName("a failure that throws anything when asked for its cause is recorded")
    @MethodSource("faults")
    void brokenCause(Throwable fault) {
        RuntimeException thrown = new RuntimeException() {
            private static final long serialVersionUID = 1L;

            @Override
            public synchronized Throwable getCause() {
                sneak(fault);
                return null;
            }
        };

        assertThat(catchThrowable(() -> decorator(SCOPE, () -> {
                            throw thrown;
                        })
                        .complete(REQUEST)))
                .isSameAs(thrown);

        assertThat(onlyRecord().errorClass()).isEqualTo("RuntimeException");
        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
    }

    @Test
    @DisplayName("a failure whose class has lost the class around it is recorded with the end of its class's name")
    void withoutItsOuterClass() throws ReflectiveOperationException {
        RuntimeException thrown = OuterClassLost.failure();
        assertThatThrownBy(thrown.getClass()::getSimpleName).isInstanceOf(LinkageError.class);

        assertThat(catchThrowable(() -> decorator(SCOPE, () -> {
                            throw thrown;
                        })
                        .complete(REQUEST)))
                .isSameAs(thrown);

        assertThat(onlyRecord().errorClass()).isEqualTo("Refused");
    }

    @Test
    @DisplayName("a null response reaches the caller and is recorded as a call without tokens")
    void nullResponse() {
        assertThat(decorator(SCOPE, () -> null).complete(REQUEST)).isNull();

        CallRecord record = onlyRecord();
        assertThat(record.status()).isEqualTo(CallStatus.OK);
        assertThat(record.model()).isEmpty();
        assertThat(record.tokens()).isEqualTo(TokenCounts.ZERO);
    }

    static Stream<Arguments> wrongTokens() {
        return Stream.of(
                Arguments.of(null, new TokenCounts(0, 0, 0, 0, 0)),
                Arguments.of(new TokenUsage(-1, -2, -3, -4, -5), putRight(0, 0, 0, 0, 0)),
                Arguments.of(new TokenUsage(10, 20, 11, 12, 21), putRight(10, 20, 10, 10, 20)),
                Arguments.of(
                        new TokenUsage(Integer.MIN_VALUE, Integer.MAX_VALUE, 1, 1, 1),
                        putRight(0, Integer.MAX_VALUE, 0, 0, 1)),
                Arguments.of(new TokenUsage(10, 20, 6, 5, 0), putRight(10, 20, 6, 5, 0)),
                Arguments.of(TokenUsage.of(10, 20).with("input_audio_tokens", 11), rarer("input_audio_tokens", 10)),
                Arguments.of(
                        new TokenUsage(10, 20, 0, 4, 0).with("cache_write_1h_tokens", 5),
                        new TokenCounts(10, 20, 0, 4, 0, Map.of("cache_write_1h_tokens", 4L), Set.of("contradictory"))),
                Arguments.of(TokenUsage.of(10, 20).with("web_searches", -1), rarer("web_searches", 0)),
                Arguments.of(TokenUsage.of(10, 20).with("no such\nmeter", 1), putRight(10, 20, 0, 0, 0)),
                Arguments.of(
                        new TokenUsage(10, 20, 0, 0, 0, Map.of("input_tokens", 11L), Set.of()),
                        putRight(10, 20, 0, 0, 0)));
    }

    /** The recorded counts of a call with impossible counts. Such a call never gets a price. */
    private static TokenCounts putRight(int input, int output, int cachedInput, int cacheWrite, int reasoning) {
        return new TokenCounts(input, output, cachedInput, cacheWrite, reasoning, Map.of(), Set.of("contradictory"));
    }

    private static TokenCounts rarer(String meter, long quantity) {
        return new TokenCounts(
                10, 20, 0, 0, 0, quantity == 0 ? Map.of() : Map.of(meter, quantity), Set.of("contradictory"));
    }

    @Test
    @DisplayName("rarer meters, doubts, the served tier and the kind reach the record")
    void meters() {
        TokenUsage used = TokenUsage.of(10, 20)
                .with("input_audio_tokens", 7)
                .with("web_searches", Long.MAX_VALUE)
                .with(UsageDoubt.INCOMPLETE);
        decorator(SCOPE, () -> new LlmResponse<>("a", "openai", "m", used, null)
                        .withServiceTier(" Flex ")
                        .withKind("AUDIO"))
                .complete(REQUEST);

        CallRecord record = onlyRecord();
        assertThat(record.tokens().meters())
                .containsExactly(Map.entry("input_audio_tokens", 7L), Map.entry("web_searches", Long.MAX_VALUE));
        assertThat(record.tokens().doubts()).containsExactly("incomplete");
        assertThat(record.usage().serviceTier()).isEqualTo("flex");
        assertThat(record.usage().kind()).isEqualTo("audio");
    }

    @Test
    @DisplayName("a meter of 0 is recorded only if it says that two parts do not overlap")
    void zeroMeters() {
        TokenUsage used = new TokenUsage(100, 20, 40, 0, 0)
                .with("input_audio_tokens", 7)
                .with("cache_audio_read_tokens", 0)
                .with("web_searches", 0);
        decorator(SCOPE, () -> LlmResponse.of("a", "m", used, null)).complete(REQUEST);

        assertThat(onlyRecord().tokens().meters())
                .containsExactly(Map.entry("cache_audio_read_tokens", 0L), Map.entry("input_audio_tokens", 7L));
    }

    @Test
    @DisplayName("the largest value of every meter fits its column")
    void largestMeters() {
        TokenUsage used = TokenUsage.of(0, 0);
        for (Meter meter : Meter.values()) {
            used = used.with(meter.label(), meter.isUnit() ? Long.MAX_VALUE : Integer.MAX_VALUE);
        }
        // TOTAL_ALONE is left out: with it, the total would not be the input of a chat, and nothing would be a part of
        // it.
        for (UsageDoubt doubt : EnumSet.complementOf(EnumSet.of(UsageDoubt.TOTAL_ALONE))) {
            used = used.with(doubt);
        }
        TokenUsage most = used;
        decorator(SCOPE, () -> LlmResponse.of("a", "m", most, null)).complete(REQUEST);

        TokenCounts tokens = onlyRecord().tokens();
        assertThat(tokens.meters()).hasSize(Meter.values().length - 5);
        assertThat(tokens.meters().values()).allMatch(quantity -> quantity >= Integer.MAX_VALUE);
        assertThat(tokens.doubts()).contains("contradictory", "incomplete", "output_unknown");
    }

    @ParameterizedTest
    @DisplayName("any tier and any kind are made to fit their columns")
    @CsvSource(
            nullValues = "null",
            value = {
                "null, null, '', chat",
                "'', ' ', '', chat",
                "DEFAULT, Chat, standard, chat",
                "auto, rerank, standard, rerank",
                "ON_DEMAND, IMAGE, standard, image",
                "a-tier-of-more-than-thirty-two-characters, a-kind-of-more-than-sixteen, a-tier-of-more-than-thirty-two-c,"
                        + " a-kind-of-more-t",
                "abcdefghijklmnopqrstuvwxyz12345🦊, abcdefghijklmno🦊, abcdefghijklmnopqrstuvwxyz12345, abcdefghijklmno"
            })
    void tierAndKind(String tier, String kind, String recordedTier, String recordedKind) {
        decorator(SCOPE, () -> LlmResponse.of("a", "m", TokenUsage.of(1, 1), null)
                        .withServiceTier(tier)
                        .withKind(kind))
                .complete(REQUEST);

        assertThat(onlyRecord().usage().serviceTier()).isEqualTo(recordedTier);
        assertThat(onlyRecord().usage().kind()).isEqualTo(recordedKind);
    }

    @ParameterizedTest
    @DisplayName("a total without parts is the input of an embedding, and counts nothing for a chat")
    @CsvSource({"embedding,50,", "moderation,50,", "rerank,50,", "chat,0,input_unknown", ",0,input_unknown"})
    void totalAlone(String kind, int input, String doubt) {
        TokenUsage used = TokenUsage.of(50, 0).with(UsageDoubt.TOTAL_ALONE);
        decorator(SCOPE, () -> new LlmResponse<>("a", "openai", "m", used, null).withKind(kind))
                .complete(REQUEST);

        assertThat(onlyRecord().tokens().input()).isEqualTo(input);
        assertThat(onlyRecord().tokens().doubts()).isEqualTo(doubt == null ? Set.of() : Set.of(doubt));
    }

    @ParameterizedTest
    @DisplayName("impossible token counts are corrected, and the call is recorded")
    @MethodSource("wrongTokens")
    void tokensPutRight(TokenUsage reported, TokenCounts recorded) {
        decorator(SCOPE, () -> new LlmResponse<>("a", null, null, reported, null))
                .complete(REQUEST);

        assertThat(onlyRecord().tokens()).isEqualTo(recorded);
        assertThat(onlyRecord().provider()).isEmpty();
        assertThat(onlyRecord().model()).isEmpty();
    }

    @ParameterizedTest
    @DisplayName("impossible counts are one WARNING, whether a usage object has them or the adapter sets them by hand")
    @ValueSource(
            strings = {
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':50}}",
                "{'prompt_tokens':'10','completion_tokens':5}",
                "{'prompt_tokens':10,'completion_tokens':-5}",
                "{'prompt_tokens':2147483648,'completion_tokens':5}",
                ""
            })
    void warningAboutImpossibleCounts(String usage) {
        TokenUsage tokens = usage.isEmpty()
                ? new TokenUsage(10, 5, 50, 0, 0)
                : UsagePayload.read("openai", usage.replace('\'', '"')).tokens();
        try (CapturedLog log = CapturedLog.of("dev.tokentally.tracking")) {
            decorator(SCOPE, () -> new LlmResponse<>("a", "openai", "gpt-4o", tokens, null))
                    .complete(REQUEST);

            assertThat(log.lines()).hasSize(1);
            assertThat(log.lines().get(0).getLevel()).isEqualTo(Level.WARNING);
            assertThat(log.messages().get(0))
                    .startsWith("An LLM adapter reported impossible values")
                    .endsWith("tenant=acme operation=summarise");
        }
        assertThat(onlyRecord().costSource()).isEqualTo(CostSource.NONE);
        assertThat(onlyRecord().tokens().doubts()).contains("contradictory");
    }

    @ParameterizedTest
    @DisplayName("counts that are only not known are no WARNING")
    @ValueSource(
            strings = {
                "{'prompt_tokens':10}",
                "{'completion_tokens':5}",
                "{'total_tokens':15}",
                "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':99}",
                "{'prompt_tokens':10,'completion_tokens':5}"
            })
    void noWarningAboutUnknownCounts(String usage) {
        TokenUsage tokens =
                UsagePayload.read("openai", usage.replace('\'', '"')).tokens();
        try (CapturedLog log = CapturedLog.of("dev.tokentally.tracking")) {
            decorator(SCOPE, () -> new LlmResponse<>("a", "openai", "gpt-4o", tokens, null))
                    .complete(REQUEST);

            assertThat(log.messages()).isEmpty();
        }
    }

    @Test
    @DisplayName("names that are too long are cut, not lost")
    void longNames() {
        decorator(SCOPE, () -> new LlmResponse<>("a", "p".repeat(100), "m".repeat(1000), TokenUsage.of(1, 1), null))
                .complete(REQUEST);

        assertThat(onlyRecord().provider()).hasSize(64);
        assertThat(onlyRecord().model()).hasSize(255);
    }

    @Test
    @DisplayName("a call without a scope is refused before the model is asked")
    void missingScope() {
        LlmPort inner = decorator(null, () -> {
            throw new AssertionError("the model was asked");
        });

        assertThatThrownBy(() -> inner.complete(REQUEST))
                .isInstanceOf(MissingCallScopeException.class)
                .hasMessageContaining("(an LlmPort was called by")
                .hasMessageContaining("@LlmOperation")
                .hasMessageContaining("CDI does not intercept a private or static method");
        assertThat(recorder.records).isEmpty();
    }

    @Test
    @DisplayName("with pass-through a call without a scope reaches the model and is not recorded")
    void passThrough() {
        LlmResponse<String> response = LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);

        assertThat(decorator(null, MissingScope.PASS_THROUGH, () -> response).complete(REQUEST))
                .isSameAs(response);
        assertThat(recorder.records).isEmpty();
        assertThat(recorder.withoutScope).hasSize(1).first(STRING).contains("pass-through");
    }

    @Test
    @DisplayName("requests inside a call are parts of it, however it ends, and later requests are not")
    void partsOfTheCall() {
        CallTracker tracker = tracker(SCOPE, () -> 0L);
        LlmPort returning = new TrackingLlmDecorator(
                port(() -> {
                    tracker.begin().returned(null);
                    return LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);
                }),
                tracker,
                MissingScope.FAIL);
        LlmPort throwing = new TrackingLlmDecorator(
                port(() -> {
                    tracker.begin().returned(null);
                    throw new RateLimited();
                }),
                tracker,
                MissingScope.FAIL);

        returning.complete(REQUEST);
        assertThat(recorder.records).hasSize(1);
        assertThatThrownBy(() -> throwing.complete(REQUEST)).isInstanceOf(RateLimited.class);
        assertThat(recorder.records).hasSize(2);
        tracker.begin().returned(null);
        assertThat(recorder.records).hasSize(3);
    }

    @Test
    @DisplayName("whatever recording throws, the answer reaches the caller")
    void recordingFailsBesideAnAnswer() {
        recorder.failure = new NoClassDefFoundError();
        LlmResponse<String> response = LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);

        assertThat(decorator(SCOPE, () -> response).complete(REQUEST)).isSameAs(response);
    }

    @Test
    @DisplayName("whatever recording throws, the call's own exception reaches the caller with nothing added")
    void recordingFailsBesideAnException() {
        recorder.failure = new NoClassDefFoundError();
        RateLimited thrown = new RateLimited();

        assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                .isSameAs(thrown)
                .hasNoSuppressedExceptions()
                .hasNoCause();
    }

    @Test
    @DisplayName("if the server's log throws, the answer reaches the caller and the record is kept")
    void logFails() {
        LlmResponse<String> corrected = LlmResponse.of("a", null, TokenUsage.of(-1, 1), null);
        try (BrokenLog log = BrokenLog.of("dev.tokentally.tracking")) {
            assertThat(decorator(SCOPE, () -> corrected).complete(REQUEST)).isSameAs(corrected);
            assertThat(log.lines()).isEqualTo(1);
            assertThat(onlyRecord().status()).isEqualTo(CallStatus.OK);

            recorder.failure = new NoClassDefFoundError();
            assertThat(decorator(SCOPE, () -> corrected).complete(REQUEST)).isSameAs(corrected);
            assertThat(log.lines()).isEqualTo(2);

            RateLimited thrown = new RateLimited();
            assertThatThrownBy(() -> decorator(SCOPE, () -> sneak(thrown)).complete(REQUEST))
                    .isSameAs(thrown)
                    .hasNoSuppressedExceptions();
            assertThat(decorator(null, MissingScope.PASS_THROUGH, () -> corrected)
                            .complete(REQUEST))
                    .isSameAs(corrected);
        }
    }

    @ParameterizedTest
    @DisplayName("if there is no room for the end of the call on the stack, its answer or exception reaches the caller")
    @ValueSource(strings = {"enter", "close", "returned, failed"})
    void stackIsFull(String where) {
        CallTracker tracker = new CallTracker() {
            @Override
            Optional<OpenCall> beginOfPort() {
                return Optional.of(fullStack(where));
            }
        };
        LlmResponse<String> response = LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);
        RateLimited thrown = new RateLimited();

        assertThat(new TrackingLlmDecorator(port(() -> response), tracker, MissingScope.FAIL).complete(REQUEST))
                .isSameAs(response);
        assertThatThrownBy(() -> new TrackingLlmDecorator(port(() -> sneak(thrown)), tracker, MissingScope.FAIL)
                        .complete(REQUEST))
                .isSameAs(thrown)
                .hasNoSuppressedExceptions();
    }

    @ParameterizedTest
    @DisplayName("if the scope cannot be read, the call is made without a record, which is an ERROR in the log")
    @MethodSource("faults")
    void scopeIsBroken(Throwable fault) {
        FixedScope scope = new FixedScope(SCOPE);
        scope.failure = fault;
        LlmResponse<String> response = LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);

        try (CapturedLog log = CapturedLog.of("dev.tokentally.tracking")) {
            assertThat(new TrackingLlmDecorator(port(() -> response), tracker(scope, () -> 0L), MissingScope.FAIL)
                            .complete(REQUEST))
                    .isSameAs(response);
            assertThat(log.messages())
                    .containsExactly("An LLM call is not recorded, because its call scope cannot be read: "
                            + fault.getClass().getName());
        }
        assertThat(recorder.records).isEmpty();
    }

    @Test
    @DisplayName("if the scope can no longer be read at the end of the call, the record is kept all the same")
    void scopeBreaks() {
        FixedScope scope = new FixedScope(SCOPE);
        LlmResponse<String> response = LlmResponse.of("a", "m", TokenUsage.of(1, 1), null);
        LlmPort port = new TrackingLlmDecorator(
                port(() -> {
                    scope.failure = new IllegalStateException("stopped");
                    return response;
                }),
                tracker(scope, () -> 0L),
                MissingScope.FAIL);

        assertThat(port.complete(REQUEST)).isSameAs(response);

        assertThat(recorder.withoutWaiting).hasSize(1);
    }

    private CallRecord onlyRecord() {
        assertThat(recorder.records).hasSize(1);
        return recorder.records.get(0);
    }

    private LlmPort decorator(CallScope.Current scope, Supplier<LlmResponse<?>> model) {
        return decorator(scope, MissingScope.FAIL, model);
    }

    private LlmPort decorator(CallScope.Current scope, MissingScope missingScope, Supplier<LlmResponse<?>> model) {
        Iterator<Long> nanos = List.of(5_000_000L, 1_239_999_999L).iterator();
        return new TrackingLlmDecorator(port(model), tracker(scope, nanos::next), missingScope);
    }

    private CallTracker tracker(CallScope.Current scope, LongSupplier nanos) {
        return tracker(new FixedScope(scope), nanos);
    }

    private CallTracker tracker(FixedScope scope, LongSupplier nanos) {
        PriceList prices = new PriceList(new Settings(new MapConfig(Map.of())));
        return new CallTracker(scope, recorder, prices, Clock.fixed(NOW, ZoneOffset.UTC), nanos, Cleaner::create);
    }

    private static LlmPort port(Supplier<LlmResponse<?>> model) {
        return new LlmPort() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> LlmResponse<T> complete(LlmRequest<T> request) {
                return (LlmResponse<T>) model.get();
            }
        };
    }

    /** Also throws checked exceptions, as Kotlin or a proxy would. */
    private static LlmResponse<?> sneak(Throwable thrown) {
        throw TrackingLlmDecoratorTest.<RuntimeException>as(thrown);
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> X as(Throwable thrown) throws X {
        throw (X) thrown;
    }

    /** A call that throws in one method, as any method does on a full stack. */
    private static OpenCall fullStack(String where) {
        CallScope.Handle inside = () -> {
            if (where.equals("close")) {
                throw new StackOverflowError();
            }
        };
        return (OpenCall) Proxy.newProxyInstance(
                OpenCall.class.getClassLoader(), new Class<?>[] {OpenCall.class}, (call, method, arguments) -> {
                    if (where.contains(method.getName())) {
                        throw new StackOverflowError();
                    }
                    return method.getReturnType() == CallScope.Handle.class ? inside : null;
                });
    }

    private static class RateLimited extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static class Billed extends RuntimeException implements BilledFailure {
        private static final long serialVersionUID = 1L;

        private final transient Supplier<TokenUsage> tokens;

        Billed(Supplier<TokenUsage> tokens) {
            this.tokens = tokens;
        }

        @Override
        public String provider() {
            return "openai";
        }

        @Override
        public String model() {
            return "gpt-4o";
        }

        @Override
        public TokenUsage tokens() {
            return tokens.get();
        }

        @Override
        public Double costUsd() {
            return 0.5;
        }

        @Override
        public String serviceTier() {
            return "flex";
        }
    }

    private static final class EarlierBilled extends Billed implements BilledFailure.Earlier {
        private static final long serialVersionUID = 1L;

        EarlierBilled(Supplier<TokenUsage> tokens) {
            super(tokens);
        }
    }
}
