package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** A small file system in memory, so that a test can fill it. Only root on Linux may mount one. */
final class SmallDisk implements AutoCloseable {

    static final int BYTES = 256 << 10;

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** Skips the test where that is not possible. */
    static SmallDisk mount(Path directory) throws InterruptedException {
        boolean isMounted = ends("mount", "-t", "tmpfs", "-o", "size=" + BYTES, "tmpfs", directory.toString());
        Assumptions.assumeTrue(isMounted, "This test makes a small file system, which only root on Linux may mount");
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
