package dev.tokentally.recording.spool;

import java.io.IOException;

/** Spools on a disk that takes each record, but fails when it is to force it. */
public final class UnforcedSpools {

    private UnforcedSpools() {}

    /** Something runs during each force, before it fails. */
    public static Spool open(SpoolOptions options, Runnable whileForcing) throws IOException {
        WatchedDisk disk = new WatchedDisk(number -> {
            // The first force is the header's.
            if (number > 1) {
                whileForcing.run();
                throw new IOException("Input/output error");
            }
        });
        return Spool.open(options, disk, 1 << 20);
    }
}
