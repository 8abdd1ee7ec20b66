package dev.tokentally.recording;

import dev.tokentally.config.JarClasses;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;

/** A recorder that has started and recorded one call, and that takes ways which it has not taken before as it is called. */
final class LateCalls implements Callable<String> {

    private final ScriptedRepository repository = new ScriptedRepository();
    private final SpooledRecorder recorder = Recorders.of(repository, Map.of());

    LateCalls(Path directory, boolean loadsAhead) {
        if (loadsAhead) {
            JarClasses.load(SpooledRecorder.class);
            JarClasses.load(LateCalls.class);
        }
        recorder.open(directory);
        recorder.start(Recorders::daemon);
        recorder.record(Calls.ok("acme", Instant.EPOCH));
    }

    /** Returns what became of five calls: one before, two in an outage, one after it, and one after the stop. */
    @Override
    public String call() throws IOException, InterruptedException {
        repository.down = new StoreUnavailableException("down", null);
        recorder.record(Calls.ok("acme", Instant.EPOCH));
        recorder.recordWithoutWaiting(Calls.ok("acme", Instant.EPOCH));
        long waiting = recorder.status().waiting();
        repository.down = null;
        while (recorder.status().waiting() > 0) {
            Thread.sleep(10);
        }
        recorder.record(Calls.ok("acme", Instant.EPOCH));
        Path directory = recorder.status().directory();
        recorder.stop();
        recorder.record(Calls.ok("acme", Instant.EPOCH));
        long dropped = recorder.status().dropped();
        return waiting + " waited, " + repository.stored.size() + " stored, " + dropped + " dropped in " + directory;
    }
}
