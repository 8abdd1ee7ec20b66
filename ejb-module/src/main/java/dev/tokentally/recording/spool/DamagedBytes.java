package dev.tokentally.recording.spool;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/** Bytes that are no record any more. They are kept in a file of their own, from which a person may recover something. */
final class DamagedBytes {

    private DamagedBytes() {}

    /**
     * Writes the file. The same name may come again for other bytes, and these get another name.
     *
     * @param name a part of the file's name
     * @return the file; empty if the same bytes are kept already
     * @throws IOException when the disk cannot be written to
     */
    static Optional<Path> keep(Path directory, String name, byte[] bytes) throws IOException {
        for (int n = 1; ; n++) {
            Path file = directory.resolve("damaged-" + name + (n == 1 ? "" : "-" + n) + ".bin");
            try {
                return Optional.of(write(file, bytes));
            } catch (FileAlreadyExistsException there) {
                if (Files.isRegularFile(file)
                        && Files.size(file) == bytes.length
                        && Arrays.equals(Files.readAllBytes(file), bytes)) {
                    return Optional.empty();
                }
            }
        }
    }

    private static Path write(Path file, byte[] bytes) throws IOException {
        try {
            // They must be on the disk before the file in which they were found is deleted or replaced.
            Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Slot.forceNames(file.getParent());
            return file;
        } catch (FileAlreadyExistsException there) {
            throw there;
        } catch (IOException e) {
            // A part of them would get in the way of the next try.
            Files.deleteIfExists(file);
            throw e;
        }
    }
}
