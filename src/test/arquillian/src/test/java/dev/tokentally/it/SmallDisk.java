package dev.tokentally.it;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file system of its own in memory, which a test fills and empties. Only root on Linux may mount one. */
final class SmallDisk implements AutoCloseable {

    private static final int MEBIBYTES = 256;

    private final Path directory;
    private final Path filler;

    private SmallDisk(Path directory) {
        this.directory = directory;
        this.filler = directory.resolve("filler");
    }

    /**
     * Mounts it.
     *
     * @param directory where; it is made if it is missing
     * @return the disk, or nothing where it may not be mounted
     */
    static Optional<SmallDisk> at(Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        boolean mounted = runs("mount", "-t", "tmpfs", "-o", "size=" + MEBIBYTES + "m", "tmpfs", directory.toString());
        return mounted ? Optional.of(new SmallDisk(directory)) : Optional.empty();
    }

    /** Takes all the room that is left. */
    void fill() throws IOException {
        byte[] block = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(filler)) {
            while (directory.toFile().getUsableSpace() > 0) {
                out.write(block, 0, (int)
                        Math.min(block.length, directory.toFile().getUsableSpace()));
            }
        } catch (IOException full) {
            if (directory.toFile().getUsableSpace() > 0) {
                throw full;
            }
        }
    }

    /** Gives the room back. */
    void clear() throws IOException {
        Files.deleteIfExists(filler);
    }

    @Override
    public void close() throws IOException, InterruptedException {
        // Lazily, since a server that was killed may still hold a file for a moment.
        if (!runs("umount", "--lazy", directory.toString())) {
            throw new IOException(directory + " could not be unmounted");
        }
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
