package dev.tokentally.testing;

import dev.tokentally.config.Settings;
import dev.tokentally.config.UnreadKeys;
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
 * <p>Create one for each test. A call scope belongs to the thread that enters it. There is no CDI: without a container,
 * nothing calls the interceptor of {@code @LlmOperation}, so it opens no scope. Safe for use by many threads.
 */
public final class InMemoryTally {

    private final Settings settings;
    private final RecordsInMemory records = new RecordsInMemory();
    private final CallScope scopes;
    private final CallTracker tracker;

    /** Uses the default of every setting, and the prices of the module. */
    public InMemoryTally() {
        this(Map.of());
    }

    /**
     * Uses the given settings.
     *
     * @param configuration the values by key, such as {@code tokentally.tags}; every other setting has its default,
     *     whatever the environment contains
     * @throws IllegalArgumentException when a value is wrong, or when Tokentally has no such key; the message names the key
     */
    public InMemoryTally(Map<String, String> configuration) {
        UnreadKeys.foreign(configuration.keySet()).forEach(wrong -> {
            throw new IllegalArgumentException(wrong);
        });
        settings = new Settings(new MapConfig(Map.copyOf(configuration)));
        scopes = new ThreadCallScope(settings);
        tracker = new CallTracker(scopes, records, new PriceList(settings));
    }

    /**
     * The records of the test.
     *
     * @return the same object each time
     */
    public RecordsInMemory records() {
        return records;
    }

    /**
     * The object that enters call scopes, as the application injects it.
     *
     * @return the same object each time
     */
    public CallScope scopes() {
        return scopes;
    }

    /**
     * The tracker for calls that do not go through a port. The listeners of the LangChain4j module use it, for example.
     *
     * @return the same object each time
     */
    public CallTracker tracker() {
        return tracker;
    }

    /**
     * Decorates a port, as {@code beans.xml} does it on the server.
     *
     * @param port the application's port, or one of the test; not null
     * @return the same port, with each call recorded
     */
    public LlmPort track(LlmPort port) {
        return new TrackingLlmDecorator(port, tracker, settings);
    }
}
