package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link WatchedHttp} client of a model sees of one call. The client is asked on the thread that asks the model. The answer
 * comes on the same thread or, if it is streamed, on others. Safe for use by many threads.
 */
final class RawCall {

    /** The call that the model makes on this thread; weak, as nobody may be told that a call has ended. */
    private static final ThreadLocal<WeakReference<RawCall>> ASKING = new ThreadLocal<>();

    private final List<String> events = new ArrayList<>();
    private boolean textAlone = true;
    private boolean asksForTier;
    private RawUsage ordinary;
    private int answers;

    /** A call begins on this thread. */
    static RawCall begin() {
        RawCall call = new RawCall();
        call.enter();
        return call;
    }

    /** The call goes on on this thread. */
    void enter() {
        ASKING.set(new WeakReference<>(this));
    }

    /** The call that the client is asked for on this thread; empty where nobody records it. */
    static Optional<RawCall> here() {
        return Optional.ofNullable(ASKING.get()).map(WeakReference::get);
    }

    /** The model has been asked, and what this thread does from here on is not of this call. */
    void end() {
        if (here().filter(asking -> asking == this).isPresent()) {
            ASKING.remove();
        }
    }

    /**
     * What the request sends. It is kept because tokens of sound and pictures cost more or less than those of texts, and so do
     * those of another tier.
     *
     * @param defaults what the model adds to it; null if the request has that already
     */
    synchronized void sends(ChatRequest request, ChatRequestParameters defaults) {
        textAlone = Forms.isTextAlone(request)
                && !Forms.hasCachedContent(request.parameters())
                && !Forms.hasCachedContent(defaults);
        asksForTier = Forms.asksForTier(request.parameters()) || Forms.asksForTier(defaults);
    }

    /** Whether it sends no sound, picture, film or document, nor names a cached content that may hold such. */
    synchronized boolean isTextAlone() {
        return textAlone;
    }

    /** Whether it asks for another tier than the standard one. */
    synchronized boolean asksForTier() {
        return asksForTier;
    }

    /** An ordinary answer is here. */
    synchronized void answered(String body) {
        ordinary = RawUsage.ofBody(body).orElse(null);
        answers++;
    }

    /** An event of a streamed answer is here. The first and the last that tell anything are kept: all others are in these. */
    synchronized void streamed(String event) {
        if (!RawUsage.mayTell(event) || RawUsage.ofBody(event).isEmpty()) {
            return;
        }
        if (events.size() == 2) {
            events.remove(1);
        }
        events.add(event);
    }

    /** What the whole answer says of its use; empty where that was not seen, or there were several answers. */
    synchronized Optional<RawUsage> usage() {
        return events.isEmpty() ? usageOfBody() : RawUsage.ofEvents(events);
    }

    /** The same for a call that failed: a stream that broke off does not say what the whole of it used. */
    synchronized Optional<RawUsage> usageOfBody() {
        return answers == 1 ? Optional.ofNullable(ordinary) : Optional.empty();
    }
}
