package dev.tokentally.recording;

import dev.tokentally.recording.spool.LeftRecords;
import dev.tokentally.text.QuietLog;
import dev.tokentally.time.Ticker;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Tells of records that wait in the folder of another application and that nobody stores. If an archive has its version in its name,
 * each release is another application. The records are not taken over automatically, since the other application may record in
 * another store. Used by one thread.
 */
final class OtherApplications {

    private static final Logger LOG = QuietLog.of(OtherApplications.class);

    /** A server deploys its applications one after the other, and one that is redeployed is away for a while. */
    static final long PAUSE_MINUTES = 5;

    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(PAUSE_MINUTES);

    private final Path own;
    private final Ticker ticker;
    private long lookedAt;
    /** The folders whose records nobody used at the last look. */
    private Set<Path> unused = new HashSet<>();

    private final Set<Path> told = new HashSet<>();

    /**
     * The first look is not due at the start of the server. It locks directories for a moment, and an application that is deployed in
     * that moment would take another directory.
     *
     * @param own the folder of this application, beside those of others
     * @param ticker the time
     */
    OtherApplications(Path own, Ticker ticker) {
        this.own = own;
        this.ticker = ticker;
        this.lookedAt = ticker.nanoTime();
    }

    /** Does nothing most of the time. It tells of a folder once, when it has seen it unused twice. */
    void nowAndThen() {
        if (ticker.nanoTime() - lookedAt < PAUSE_NANOS) {
            return;
        }
        lookedAt = ticker.nanoTime();
        Set<Path> before = unused;
        unused = new HashSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(own.getParent(), this::isOther)) {
            for (Path folder : folders) {
                look(folder, before.contains(folder));
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "The folders beside " + own + " cannot be listed: " + e);
        }
    }

    private boolean isOther(Path folder) {
        return Files.isDirectory(folder) && !folder.equals(own) && !told.contains(folder);
    }

    private void look(Path folder, boolean wasUnused) {
        try {
            LeftRecords left = LeftRecords.in(folder);
            if (!left.isEmpty()) {
                unused.add(folder);
            }
            if (!left.isEmpty() && wasUnused) {
                told.add(folder);
                tell(folder, left);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "The folder of another application cannot be read: " + e);
        }
    }

    private void tell(Path folder, LeftRecords left) {
        LOG.log(
                Level.WARNING,
                "Records wait in " + folder + ", and no application has stored them for " + PAUSE_MINUTES + " minutes: "
                        + left.waitingBytes() + " bytes of records, and " + left.refused() + " refused records. If "
                        + own
                        + " belongs to the same application under a new name, and it records in the same store, stop the application with the old"
                        + " name on every server that uses this folder, and move each"
                        + " directory of the old folder to the new one under another name, such as "
                        + folder.resolve("1")
                        + " to " + own.resolve(folder.getFileName() + "-1")
                        + "; their records are then taken over automatically. Otherwise deploy the application with the old"
                        + " name until they are stored, or delete the folder if nobody needs them");
    }
}
