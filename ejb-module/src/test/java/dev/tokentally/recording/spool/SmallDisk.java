package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A small file system in memory, so that a test can fill it. Only root on Linux may mount one. */
final class SmallDisk implements AutoCloseable {

    static final int BYTES = 256 << 10;

    private static final String NOT_MOUNTED =
            "What a full disk does is not tested: only root on Linux may mount a small file system; run the tests as root";

    private static final System.Logger LOG = System.getLogger(SmallDisk.class.getName());

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Skips the test where that is not possible. The log says so, because a report of skipped tests does not. */
    static SmallDisk mount(Path directory) throws InterruptedException {
        boolean isMounted = ends("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", directory.toString());
        if (!isMounted) {
            LOG.log(System.Logger.Level.WARNING, NOT_MOUNTED);
        }
        Assumptions.assumeTrue(isMounted, NOT_MOUNTED);
        return new SmallDisk(directory);
    }

    /** Leaves at most so many bytes free. Delete the file that it returns to have room again. */
    Path fill(int free) throws IOException {
        long taken = Files.getFileStore(directory).getUsableSpace() - free;
        return Files.write(directory.resolve("other"), new byte[Math.toIntExact(taken)]);
    }

    @Override
    public void close() throws InterruptedException {
        assertThat(ends("umount", directory.toString())).isTrue();
    }

    private static boolean ends(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
