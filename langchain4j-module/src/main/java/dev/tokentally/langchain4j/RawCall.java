package dev.tokentally.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a {@link WatchedHttp} client of a model sees of one call. The client is asked on the thread that asks the model. The answer
 * comes on the same thread or, if it is streamed, on others. Safe for use by many threads.
 */
final class RawCall {

    /** The call that the model makes on this thread. The reference is weak, since the end of a call may never be told. */
    private static final ThreadLocal<WeakReference<RawCall>> ASKING = new ThreadLocal<>();

    /** The beginning of an event with which providers report a failure in place of an answer. */
    private static final Pattern ERROR = Pattern.compile("\\s*\\{\\s*\"error\"");

    private final boolean ofListener;

    /** The kind of the model around which a wrapper makes this call; null if there is no wrapper. */
    private Kind wrapped;

    private final List<String> events = new ArrayList<>();
    private volatile Thread askedOn;

    /** Whether the model is being asked. */
    private volatile boolean open;

    /** The call around this one on the same thread; null if there is none. */
    private WeakReference<RawCall> outer;

    private boolean streamed;
    private boolean textAlone = true;
    private boolean asksForTier;

    /** The usage of each ordinary answer; empty for one that does not tell it. */
    private final List<Optional<RawUsage>> ordinary = new ArrayList<>();

    private boolean watched;
    private boolean broken;
    private boolean givenUp;
    private boolean begun;

    /** A call of which the client tells nothing until it is entered. */
    RawCall() {
        this(false);
    }

    private RawCall(boolean ofListener) {
        this.ofListener = ofListener;
    }

    /** A call begins on this thread. */
    static RawCall begin() {
        RawCall call = new RawCall();
        call.enter();
        return call;
    }

    /**
     * A call begins on this thread, and a listener is told of it. It is not told when a streaming model has been asked, so this
     * call may stay here after that, until the next one begins.
     *
     * @param isPart whether it is part of another call; then that call gets what the client sees, if it began here
     */
    static RawCall ofListener(boolean isPart) {
        RawCall call = new RawCall(true);
        if (!isPart || here().map(before -> before.ofListener).orElse(false)) {
            call.enter();
        }
        return call;
    }

    /**
     * A call of another kind than chat begins on this thread, perhaps as a part of a chat. If a wrapper makes the same call, the
     * wrapper's gets what the client sees.
     *
     * @param wraps whether a wrapper makes it
     */
    static RawCall ofOtherKind(Kind kind, boolean wraps) {
        RawCall call = new RawCall();
        call.wrapped = wraps ? kind : null;
        if (here().filter(before -> before.open && before.wrapped == kind).isEmpty()) {
            call.enter(here().filter(before -> !before.ofListener || CutStream.isModelAskedHere()));
        }
        return call;
    }

    /** The call continues on this thread. A listener's call does not come back after it, since its model may have been asked. */
    void enter() {
        enter(here().filter(before -> !before.ofListener));
    }

    private void enter(Optional<RawCall> around) {
        outer = around.map(WeakReference::new).orElse(null);
        askedOn = Thread.currentThread();
        open = true;
        ASKING.set(new WeakReference<>(this));
    }

    /** The call for which the client is asked on this thread; empty if nobody records it. */
    static Optional<RawCall> here() {
        return Optional.ofNullable(ASKING.get()).map(WeakReference::get);
    }

    /** The model has been asked. From here on, the work of this thread belongs to the call around this one, if there is one. */
    void end() {
        open = false;
        if (here().filter(asking -> asking == this).isPresent()) {
            RawCall around = outer == null ? null : outer.get();
            if (around != null && around.open) {
                ASKING.set(outer);
            } else {
                ASKING.remove();
            }
        }
        if (askedOn != null && askedOn != Thread.currentThread()) {
            markStreamed();
        }
    }

    /** The answer is streamed. So an ordinary answer that the client sees is that of another call on the same thread. */
    synchronized void markStreamed() {
        streamed = true;
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

    /** Whether it sends no sound, picture, film or document, and names no cached content that may contain these. */
    synchronized boolean isTextAlone() {
        return textAlone;
    }

    /** Whether it asks for another tier than the standard one. */
    synchronized boolean asksForTier() {
        return asksForTier;
    }

    /** The client sends a request, and will tell how it goes on. */
    synchronized void watch() {
        watched = true;
    }

    /** An ordinary answer has arrived. */
    synchronized void answered(String body) {
        ordinary.add(RawUsage.ofBody(body));
    }

    /**
     * A request has no answer, and the provider may have answered it all the same.
     *
     * @param gaveUp whether the client did not wait for the answer
     */
    synchronized void broke(boolean gaveUp) {
        broken = true;
        givenUp |= gaveUp;
    }

    /** Whether the client has told of a request. Then it tells of all. */
    synchronized boolean isWatched() {
        return watched;
    }

    /** Whether the provider has answered a request, for which it charges. */
    synchronized boolean isAnswered() {
        return !streamed && !ordinary.isEmpty();
    }

    /** Whether the provider may have answered a request without an answer. */
    synchronized boolean isBroken() {
        return !streamed && broken;
    }

    /** Whether the client did not wait for an answer, so that the provider may charge for it. */
    synchronized boolean isGivenUp() {
        return !streamed && givenUp;
    }

    /** Whether the provider may charge for more than one answer, for example since LangChain4j could not use the first one. */
    synchronized boolean isRepeated() {
        return !streamed && (ordinary.size() > 1 || broken && !ordinary.isEmpty());
    }

    /**
     * An event of a streamed answer has arrived.
     *
     * @param name the event's name; null or empty if it has none
     * @param data its text; may be null
     */
    synchronized void streamed(String name, String data) {
        boolean isRefusal =
                "error".equals(name) || data != null && ERROR.matcher(data).lookingAt();
        begun |= !isRefusal;
        streamed(data);
    }

    /** Whether the provider has begun a streamed answer. An event that only says that it refuses is no beginning. */
    synchronized boolean hasBegun() {
        return begun;
    }

    /**
     * An event of a streamed answer has arrived. Only the first and the last one about usage are kept; these include all others.
     */
    synchronized void streamed(String event) {
        if (!RawUsage.mayTell(event) || RawUsage.ofBody(event).isEmpty()) {
            return;
        }
        if (events.size() == 2) {
            events.remove(1);
        }
        events.add(event);
    }

    /** The usage that the whole answer gives, the last one if there were several; empty if it was not seen. */
    synchronized Optional<RawUsage> usage() {
        return events.isEmpty() ? usageOfBody() : RawUsage.ofEvents(events);
    }

    private Optional<RawUsage> usageOfBody() {
        return isAnswered() ? ordinary.get(ordinary.size() - 1) : Optional.empty();
    }

    /**
     * The usage of each answer of a call; empty if one of them does not tell it. A stream that broke off has none,
     * since its events do not give the usage of the whole answer.
     */
    synchronized List<RawUsage> usages() {
        return streamed || ordinary.stream().anyMatch(Optional::isEmpty)
                ? List.of()
                : ordinary.stream().flatMap(Optional::stream).toList();
    }
}
