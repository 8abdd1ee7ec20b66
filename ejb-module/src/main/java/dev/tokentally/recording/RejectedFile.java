package dev.tokentally.recording;

import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.stream.Stream;

/**
 * The records that the store refused for what is in them, one JSON object a line with the reason: nothing is lost that
 * a person could put right.
 */
final class RejectedFile {

    private final Path file;
    private final Clock clock;
    private volatile long count;

    private RejectedFile(Path file, Clock clock, long count) {
        this.file = file;
        this.clock = clock;
        this.count = count;
    }

    static RejectedFile open(Path file, Clock clock) throws IOException {
        if (!Files.exists(file)) {
            return new RejectedFile(file, clock, 0);
        }
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return new RejectedFile(file, clock, lines.count());
        }
    }

    Path path() {
        return file;
    }

    long count() {
        return count;
    }

    /** Returns when the line is on the disk, as the record then leaves the spool. */
    void append(CallRecord call, String reason) throws IOException {
        byte[] line = (json(call, reason) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(line));
            channel.force(false);
        }
        count++;
    }

    private JsonObject json(CallRecord call, String reason) {
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("rejected_at", clock.instant().toString())
                .add("reason", reason);
        for (CallColumn<?> column : CallColumn.ALL) {
            Object value = column.of(call);
            if (value == null) {
                json.addNull(column.columnName());
            } else if (value instanceof Long || value instanceof Integer) {
                json.add(column.columnName(), ((Number) value).longValue());
            } else {
                json.add(column.columnName(), column.textOf(call));
            }
        }
        return json.build();
    }
}
