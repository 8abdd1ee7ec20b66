package dev.tokentally.recording.spool;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.nio.file.Path;
import java.time.Instant;

/** A process that spools calls and acknowledges each on its standard output, until it is killed. */
final class KilledSpooler {

    /** Segments are so small that the kill sometimes comes at a change of segments. */
    static final int SEGMENT = 2000;

    private KilledSpooler() {}

    public static void main(String[] arguments) throws Exception {
        SpoolOptions options = new SpoolOptions(Path.of(arguments[0]), 1 << 30, false);
        try (Spool spool = Spool.open(options, SegmentFile::onDisk, SEGMENT)) {
            while (true) {
                CallRecord call = Calls.ok("acme", Instant.EPOCH);
                spool.append(call);
                System.out.println(call.id());
            }
        }
    }
}
