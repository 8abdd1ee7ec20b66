package dev.tokentally.recording.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A real disk that knows which files would be whole after a power cut: those whose bytes and whose names were forced. */
final class PowerCutDisk implements SegmentFile.Opener {

    /** How many bytes of a file were forced. A file keeps its key when it is renamed. */
    private final Map<Object, Long> forcedBytes = new HashMap<>();

    private final Map<Path, Object> forcedNames = new HashMap<>();

    /** After a failed force, the next one succeeds although it skips the bytes that the first could not write (fsync on Linux). */
    private final Set<Object> skipped = new HashSet<>();

    private boolean failsNext;

    void failNextForce() {
        failsNext = true;
    }

    boolean wouldKeep(Path file) throws IOException {
        Object key = key(file);
        return key.equals(forcedNames.get(file)) && forcedBytes.get(key) == Files.size(file);
    }

    @Override
    public void forceNames(Path directory) {
        forcedNames.keySet().removeIf(file -> file.getParent().equals(directory));
        try {
            for (Path file : Slot.list(directory)) {
                forcedNames.put(file, key(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path stands for a key where the system has none. */
    private static Object key(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file : key;
    }

    @Override
    public SegmentFile open(Path path) throws IOException {
        SegmentFile file = SegmentFile.onDisk(path);
        Object key = key(path);
        if (Files.size(path) == 0) {
            // A deleted file may have had the same key.
            forcedBytes.put(key, 0L);
            skipped.remove(key);
        }
        return new SegmentFile() {

            private long written = Files.size(path);

            @Override
            public void append(byte[] bytes) throws IOException {
                file.append(bytes);
                written += bytes.length;
            }

            @Override
            public void truncate(long length) throws IOException {
                file.truncate(length);
                written = length;
            }

            @Override
            public void force() throws IOException {
                if (failsNext) {
                    failsNext = false;
                    skipped.add(key);
                    throw new IOException("Input/output error");
                }
                file.force();
                if (!skipped.contains(key)) {
                    forcedBytes.put(key, written);
                }
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
