package dev.tokentally.testing;

import dev.tokentally.config.Settings;
import dev.tokentally.llm.LlmPort;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.scope.CallScope;
import dev.tokentally.scope.ThreadCallScope;
import dev.tokentally.tracking.CallTracker;
import dev.tokentally.tracking.TrackingLlmDecorator;
import java.util.Map;

/**
 * Tokentally in a unit test: the real call scopes, decorator and prices, without a server and with records in memory.
 *
 * <pre>{@code
 * InMemoryTally tally = new InMemoryTally();
 * LlmPort llm = tally.track(CannedLlm.answering(LlmResponse.of("short", "gpt-4o", TokenUsage.of(100, 10), null)));
 * Summaries summaries = new Summaries(llm);
 *
 * try (CallScope.Handle scope = tally.scopes().enter("acme", "summarise")) {
 *     summaries.summarise("a long text");
 * }
 *
 * assertThat(tally.records().only().operation()).isEqualTo("summarise");
 * }</pre>
 *
 * <p>Make one for each test. Its call scopes are those of the thread that enters them. What CDI does is missing: {@code
 * @LlmOperation} opens no scope where no container calls the interceptor. Safe for use by many threads.
 */
public final class InMemoryTally {

    private final Settings settings;
    private final RecordsInMemory records = new RecordsInMemory();
    private final CallScope scopes;
    private final CallTracker tracker;

    /** With all settings at their defaults, and the prices that the module brings. */
    public InMemoryTally() {
        this(Map.of());
    }

    /**
     * With settings.
     *
     * @param configuration by key, such as {@code tokentally.tags}; all others are at their defaults, whatever the environment says
     * @throws dev.tokentally.config.InvalidSettingException when a value is wrong; the message names the key
     */
    public InMemoryTally(Map<String, String> configuration) {
        settings = new Settings(new MapConfig(Map.copyOf(configuration)));
        scopes = new ThreadCallScope(settings);
        tracker = new CallTracker(scopes, records, new PriceList(settings));
    }

    /**
     * What was recorded.
     *
     * @return the same object each time
     */
    public RecordsInMemory records() {
        return records;
    }

    /**
     * Enters call scopes. It is what the application has injected.
     *
     * @return the same object each time
     */
    public CallScope scopes() {
        return scopes;
    }

    /**
     * Records calls that do not pass a port, for the listeners of the LangChain4j module for example.
     *
     * @return the same object each time
     */
    public CallTracker tracker() {
        return tracker;
    }

    /**
     * Decorates a port, as {@code beans.xml} does it on the server.
     *
     * @param port the application's own, or one that the test made; not null
     * @return the same port, with each call recorded
     */
    public LlmPort track(LlmPort port) {
        return new TrackingLlmDecorator(port, tracker, settings);
    }
}
