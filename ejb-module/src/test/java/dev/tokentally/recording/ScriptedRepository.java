package dev.tokentally.recording;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.UsageRepository;
import dev.tokentally.usage.UsageStoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Fails as its script says, then stores; remembers what was tried. */
final class ScriptedRepository implements UsageRepository {

    final List<String> tries = new ArrayList<>();
    boolean interruptedDuringATry;
    private final Deque<Throwable> script;

    ScriptedRepository(Throwable... script) {
        this.script = new ArrayDeque<>(Arrays.asList(script));
    }

    @Override
    public void store(CallRecord record) throws UsageStoreException {
        attempt("store " + record.id());
    }

    @Override
    public void storeAgain(CallRecord record) throws UsageStoreException {
        attempt("storeAgain " + record.id());
    }

    private void attempt(String what) throws UsageStoreException {
        tries.add(what);
        interruptedDuringATry |= Thread.currentThread().isInterrupted();
        Throwable failure = script.poll();
        if (failure instanceof UsageStoreException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }
}
