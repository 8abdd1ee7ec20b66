package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tokentally.langchain4j.openai.Asked;
import dev.tokentally.langchain4j.openai.OpenAiStub;
import dev.tokentally.langchain4j.openai.Shape;
import dev.tokentally.langchain4j.sampling.ThreadSampler;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.recording.Recorders;
import dev.tokentally.recording.UsageRecorder;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ThreadCallScope;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.CallStatus;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Two hundred streams of two tenants at once")
class ConcurrentStreamsTest {

    private static final int STREAMS = 200;

    @TempDir
    Path spool;

    @ParameterizedTest(name = "by the listener: {0}")
    @DisplayName(
            "all end while the store is frozen, get their rows when it thaws, and none of their threads waits for the store")
    @ValueSource(booleans = {true, false})
    @Timeout(120)
    void whileTheStoreIsFrozen(boolean byListener) throws Exception {
        FrozenStore store = new FrozenStore();
        UsageRecorder recorder = Recorders.started(store, spool);
        CallScope scopes = new ThreadCallScope(Recorders.defaults());
        Set<String> answering = ConcurrentHashMap.newKeySet();
        var tracker = new CallTracker(scopes, recorder, new PriceList(Recorders.defaults()));
        try (OpenAiStub provider = OpenAiStub.start();
                ThreadSampler sampler = new ThreadSampler(ConcurrentStreamsTest::waitsForTheStore)) {
            var openAi = OpenAiStreamingChatModel.builder()
                    .httpClientBuilder(new AnswersElsewhere())
                    .baseUrl(provider.baseUrl())
                    .apiKey(OpenAiStub.KEY)
                    .modelName(Shape.NUMBERED.model());
            StreamingChatModel model = byListener
                    ? openAi.listeners(List.of(new TrackingChatModelListener(tracker, scopes)))
                            .build()
                    : new TrackedStreamingChatModel(openAi.build(), tracker, scopes);

            List<Answer> answers = IntStream.range(0, STREAMS)
                    .mapToObj(number -> ask(model, scopes, number, answering))
                    .toList();
            answers.forEach(Answer::await);

            assertThat(answers).extracting(Answer::text).containsOnly("The fox is quick.");
            assertThat(store.stored()).isEmpty();
            assertThat(recorder.status().waiting()).isEqualTo(STREAMS);
            store.thaw();
            while (recorder.status().waiting() > 0) {
                Thread.sleep(5);
            }
            assertThat(provider.log())
                    .extracting(Asked::message)
                    .containsExactlyInAnyOrderElementsOf(
                            numbers().map(String::valueOf).toList());
            assertThat(sampler.all()).containsAnyElementsOf(answering);
            assertThat(sampler.within())
                    .as("the sampler sees who waits for the store")
                    .contains("of the module")
                    .doesNotContainAnyElementsOf(answering);
        } finally {
            store.thaw();
            Recorders.stop(recorder);
        }
        eachRowIsRight(store.stored());
    }

    private static void eachRowIsRight(List<CallRecord> rows) {
        Map<Integer, String> tenants = new HashMap<>();
        for (CallRecord row : rows) {
            assertThat(tenants.put(row.tokens().input(), row.tenantId())).isNull();
        }
        assertThat(tenants).isEqualTo(numbers().collect(Collectors.toMap(n -> n, ConcurrentStreamsTest::tenant)));
        assertThat(rows).extracting(CallRecord::status).containsOnly(CallStatus.OK);
        assertThat(rows).extracting(row -> row.tokens().output()).containsOnly(7);
        assertThat(rows.stream().map(CallRecord::callId).collect(Collectors.toSet()))
                .hasSize(STREAMS);
    }

    private static Answer ask(StreamingChatModel model, CallScope scopes, int number, Set<String> answering) {
        Answer answer = new Answer();
        answer.onComplete = () -> answering.add(Thread.currentThread().getName());
        try (CallScope.Handle scope = scopes.enter(tenant(number), "chat")) {
            model.chat(String.valueOf(number), answer);
        }
        return answer;
    }

    private static Stream<Integer> numbers() {
        return IntStream.range(0, STREAMS).boxed();
    }

    private static String tenant(int number) {
        return number % 2 == 0 ? "acme" : "umbrella";
    }

    private static boolean waitsForTheStore(StackTraceElement frame) {
        return Set.of(
                                "dev.tokentally.langchain4j.FrozenStore",
                                "dev.tokentally.recording.StoreThreads",
                                "dev.tokentally.recording.DirectWrites")
                        .contains(frame.getClassName())
                || frame.getClassName().startsWith("java.sql.");
    }
}
