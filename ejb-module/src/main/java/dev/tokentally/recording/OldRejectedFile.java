package dev.tokentally.recording;

import dev.tokentally.recording.spool.Rejected;
import dev.tokentally.recording.spool.RejectedRecords;
import dev.tokentally.recording.spool.Spool;
import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallColumn;
import dev.tokentally.usage.CallRecord;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes over {@code rejected.jsonl}. Releases before 0.2 kept in it the records that the store refused, for a person to read: one
 * JSON object in each line, beside the directories of all deployments. Records for which there is no room yet stay in it, in the
 * deployment's own directory; if that deployment is gone, another one moves the file to its directory.
 */
final class OldRejectedFile {

    private static final Logger LOG = QuietLog.of(OldRejectedFile.class);

    private static final String NAME = Spool.OLD_REJECTED;
    private static final String NEW_NAME = "rejected.jsonl.new";
    /** No record has a line so long. */
    private static final int MAX_LINE_BYTES = 1 << 20;

    private static final String UNREADABLE = "rejected-unreadable.jsonl";

    private final Path shared;
    private final Path mine;
    private final Path directory;
    private final RejectedRecords records;
    private final Clock clock;

    OldRejectedFile(Spool spool, Clock clock) {
        this.directory = spool.directory();
        this.shared = directory.resolveSibling(NAME);
        this.mine = directory.resolve(NAME);
        this.records = spool.rejected();
        this.clock = clock;
    }

    /** After a crash in between this is done once more, and each record is still there only once. */
    void takeOver() throws IOException {
        if (!Files.exists(mine)) {
            if (!Files.isRegularFile(shared)) {
                return;
            }
            try {
                Files.move(shared, mine, StandardCopyOption.ATOMIC_MOVE);
            } catch (NoSuchFileException ofAnotherDeployment) {
                return;
            }
        }
        takeOver(mine);
    }

    private void takeOver(Path file) throws IOException {
        long taken = 0;
        long unreadable = 0;
        try (InputStream lines = new BufferedInputStream(Files.newInputStream(file))) {
            for (byte[] line = line(lines); line.length > 0; line = line(lines)) {
                Rejected rejected = read(line);
                if (rejected == null) {
                    setUnreadableAside(line);
                    unreadable++;
                } else if (records.leavesRoom(rejected)) {
                    records.add(rejected);
                    taken++;
                } else {
                    force(unreadable);
                    leave(line, lines, file, taken + unreadable > 0);
                    tell(taken, unreadable, file);
                    return;
                }
            }
        }
        force(unreadable);
        Files.delete(file);
        tell(taken, unreadable, null);
    }

    private void leave(byte[] line, InputStream rest, Path file, boolean isShorter) throws IOException {
        if (isShorter) {
            Path next = directory.resolve(NEW_NAME);
            try (FileOutputStream out = new FileOutputStream(next.toFile())) {
                out.write(line);
                rest.transferTo(out);
                // Otherwise a power cut could leave an empty file under this name.
                out.getFD().sync();
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Where it may be, for the log. */
    @Override
    public String toString() {
        return shared + " or " + mine;
    }

    private void tell(long taken, long unreadable, Path left) {
        if (taken > 0) {
            LOG.log(
                    Level.INFO,
                    taken + " records that the store had refused are taken over from " + NAME + " and tried again"
                            + (left == null ? "" : "; the others wait in " + left + " until there is room for them"));
        }
        if (unreadable > 0) {
            LOG.log(
                    Level.ERROR,
                    unreadable + " lines of " + NAME + " are not records; they are kept in "
                            + directory.resolve(UNREADABLE));
        }
    }

    /** The line with its end; empty if there is none. A longer line comes in parts, none of which is a record. */
    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next >= 0; next = in.read()) {
            line.write(next);
            if (next == '\n' || line.size() == MAX_LINE_BYTES) {
                break;
            }
        }
        return line.toByteArray();
    }

    private Rejected read(byte[] line) {
        try (JsonReader json = Json.createReader(new StringReader(new String(line, StandardCharsets.UTF_8)))) {
            JsonObject object = json.readObject();
            Map<CallColumn<?>, Object> values = new HashMap<>();
            for (CallColumn<?> column : CallColumn.ALL) {
                JsonValue value = object.get(column.columnName());
                if (value != null && value != JsonValue.NULL) {
                    values.put(column, column.parse(value instanceof JsonString s ? s.getString() : value.toString()));
                }
            }
            CallRecord call = CallColumn.read(values::get);
            Instant now = clock.instant();
            return new Rejected(
                    call,
                    Instant.parse(object.getString("rejected_at")).truncatedTo(ChronoUnit.MICROS),
                    0,
                    now,
                    now.plus(RejectedRecords.BY_ITSELF),
                    LogText.oneLine(object.getString("reason")));
        } catch (RuntimeException | StackOverflowError notARecord) {
            // A line may hold anything. Parsers of JSON do not agree on the exception for too many brackets.
            return null;
        }
    }

    private void setUnreadableAside(byte[] line) throws IOException {
        Files.write(directory.resolve(UNREADABLE), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Before the file is deleted or made shorter. It is forced once and not for each line, since there may be very many. */
    private void force(long unreadable) throws IOException {
        records.force();
        if (unreadable > 0) {
            try (RandomAccessFile lines =
                    new RandomAccessFile(directory.resolve(UNREADABLE).toFile(), "rw")) {
                lines.getFD().sync();
            }
        }
    }
}
