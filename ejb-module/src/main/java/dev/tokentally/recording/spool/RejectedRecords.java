package dev.tokentally.recording.spool;

import dev.tokentally.time.BackOff;
import dev.tokentally.usage.CallRecord;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The records that the store refused while it took others, in one file of frames beside the segments. Each is tried again with
 * growing pauses for a day. After that it is kept, and tried again on demand. A change adds a frame, and the last frame with an id
 * counts. Now and then the file is written anew, without frames that are out of date. Safe for use by many threads.
 */
public final class RejectedRecords implements Closeable {

    /** How long a record is tried again by itself. */
    public static final Duration BY_ITSELF = Duration.ofDays(1);

    static final String FILE = "rejected.log";

    private static final BackOff PAUSES = new BackOff(Duration.ofSeconds(2), Duration.ofHours(1));

    private static final Logger LOG = System.getLogger(RejectedRecords.class.getName());

    private static final String NEW_FILE = "rejected.new";
    private static final int FEW_BYTES = 64 << 10;

    private static final String REJECTED_AT = "rejected_at";
    private static final String TRIES = "rejected_tries";
    private static final String NEXT_TRY = "rejected_next_try";
    private static final String UNTIL = "rejected_until";
    private static final String REASON = "rejected_reason";

    /**
     * The length of a payload that says that a record is no longer here. It has only the record's id, so it is shorter than any
     * record.
     */
    private static final int GONE_BYTES = 16;

    private final Path directory;
    private final Path path;
    private final SegmentFile.Opener opener;
    private final long maxBytes;

    /** The oldest first. */
    private final Map<UUID, Entry> live = new LinkedHashMap<>();

    private final Set<UUID> changed = new LinkedHashSet<>();
    private SegmentFile file;
    private long liveBytes;
    private volatile long end;
    private boolean isTorn;
    private boolean isDirty;

    private RejectedRecords(Path directory, SegmentFile.Opener opener, long maxBytes) {
        this.directory = directory;
        this.path = directory.resolve(FILE);
        this.opener = opener;
        this.maxBytes = maxBytes;
    }

    /** Reads what an earlier run left in a directory that the caller has locked. */
    static RejectedRecords open(Path directory, SegmentFile.Opener opener, long maxBytes) throws IOException {
        RejectedRecords records = new RejectedRecords(directory, opener, maxBytes);
        Files.deleteIfExists(directory.resolve(NEW_FILE));
        if (Files.exists(records.path)) {
            records.read(Files.readAllBytes(records.path));
        }
        return records;
    }

    static long size(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        return Files.exists(file) ? Files.size(file) : 0;
    }

    private void read(byte[] bytes) throws IOException {
        switch (Segment.kind(bytes)) {
            case OURS -> {
                readFrames(bytes, Segment.endOfKept(bytes));
                // A frame that was not written to its end, since the process ended, is left out when the next change
                // writes the file anew.
                isTorn = Segment.endOfKept(bytes) < bytes.length;
                end = bytes.length;
            }
            case EMPTY -> Files.delete(path);
            default -> {
                Path other = directory.resolve("rejected-" + System.currentTimeMillis() + ".other");
                Files.move(path, other);
                LOG.log(
                        Level.ERROR,
                        path + " was not written by this version of Tokentally. It is kept as " + other
                                + "; the records in it are not stored");
            }
        }
    }

    private void readFrames(byte[] bytes, int kept) throws IOException {
        int at = Segment.HEADER_BYTES;
        while (at < kept) {
            int next = Frames.isWhole(bytes, at) ? at + Frames.sizeAt(bytes, at) : Frames.nextWhole(bytes, at + 1);
            if (!Frames.isWhole(bytes, at) || !readFrame(bytes, at, next - at)) {
                Path damaged = directory.resolve("damaged-rejected-" + at + ".bin");
                Files.write(damaged, Arrays.copyOfRange(bytes, at, next));
                LOG.log(
                        Level.ERROR,
                        (next - at) + " bytes of " + path
                                + " are damaged and contain no readable record; they were set aside in " + damaged);
                isTorn = true;
            }
            at = next;
        }
    }

    private boolean readFrame(byte[] bytes, int at, int size) {
        ByteBuffer payload = Frames.payload(bytes, at);
        if (payload.remaining() == GONE_BYTES) {
            forget(new UUID(payload.getLong(), payload.getLong()));
            return true;
        }
        try {
            Rejected read = decode(payload);
            keep(read, at, size);
            return true;
        } catch (RuntimeException notARecord) {
            return false;
        }
    }

    private static Rejected decode(ByteBuffer payload) {
        Map<String, String> more = new HashMap<>();
        CallRecord call = RecordCodec.decode(payload, more);
        return new Rejected(
                call,
                Instant.parse(more.get(REJECTED_AT)),
                Integer.parseInt(more.getOrDefault(TRIES, "0")),
                more.get(NEXT_TRY) == null ? null : Instant.parse(more.get(NEXT_TRY)),
                Instant.parse(more.get(UNTIL)),
                more.getOrDefault(REASON, ""));
    }

    private static byte[] frame(Rejected rejected) {
        Map<String, String> more = new LinkedHashMap<>();
        more.put(REJECTED_AT, rejected.rejectedAt().toString());
        more.put(TRIES, Integer.toString(rejected.tries()));
        if (rejected.nextTry() != null) {
            more.put(NEXT_TRY, rejected.nextTry().toString());
        }
        more.put(UNTIL, rejected.until().toString());
        more.put(REASON, rejected.reason());
        return Frames.frame(RecordCodec.encode(rejected.call(), more));
    }

    private static byte[] gone(UUID id) {
        return Frames.frame(ByteBuffer.allocate(GONE_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    private void keep(Rejected rejected, long at, int size) {
        UUID id = rejected.call().id();
        Entry before = live.put(id, new Entry(at, size, rejected));
        liveBytes += size - (before == null ? 0 : before.size());
        changed.add(id);
    }

    private void forget(UUID id) {
        Entry before = live.remove(id);
        if (before != null) {
            liveBytes -= before.size();
            changed.add(id);
        }
    }

    /**
     * Sets a record aside. If that is done again after a crash, the record is still there only once. Call {@link #force}
     * afterwards.
     *
     * @param call what the store refused
     * @param reason what it said, in one line
     * @param now when that was
     * @return the oldest records, which were dropped to make room
     * @throws IOException when the disk cannot be written to; nothing has changed then
     */
    public List<Rejected> add(CallRecord call, String reason, Instant now) throws IOException {
        return add(new Rejected(call, micros(now), 0, now.plus(PAUSES.after(1)), now.plus(BY_ITSELF), reason));
    }

    /**
     * Sets a record aside that is tried again on demand only. Call {@link #force} afterwards.
     *
     * @param call what the store refused
     * @param reason what it said, in one line
     * @param now when that was
     * @return the oldest records, which were dropped to make room
     * @throws IOException when the disk cannot be written to; nothing has changed then
     */
    public List<Rejected> addForGood(CallRecord call, String reason, Instant now) throws IOException {
        return add(new Rejected(call, micros(now), 0, null, now, reason));
    }

    /** The instant as precise as the store keeps it, so that the place in the list can be found again by it. */
    private static Instant micros(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    /**
     * Takes over a record that was set aside elsewhere.
     *
     * @param rejected the record with its refusals, as they were kept there
     * @return the oldest records, which were dropped to make room
     * @throws IOException when the disk cannot be written to; nothing has changed then
     */
    public synchronized List<Rejected> add(Rejected rejected) throws IOException {
        if (live.containsKey(rejected.call().id())) {
            return List.of();
        }
        byte[] frame = frame(rejected);
        List<Rejected> dropped = oldestInTheWay(frame.length);
        keep(rejected, append(frame), frame.length);
        for (Rejected each : dropped) {
            takeOut(each.call().id());
        }
        return dropped;
    }

    private List<Rejected> oldestInTheWay(int size) throws IOException {
        List<Rejected> oldest = new ArrayList<>();
        // Records use only half of the file's limit, so that the file need not be written anew at each change.
        long room = maxBytes / 2 - liveBytes - size;
        for (Entry entry : live.values()) {
            if (room >= 0) {
                break;
            }
            oldest.add(read(entry));
            room += entry.size();
        }
        return oldest;
    }

    private void takeOut(UUID id) {
        try {
            append(gone(id));
        } catch (IOException fullDisk) {
            // A later run tries the record once more, and finds that it is stored.
            LOG.log(Level.DEBUG, "A record could not be taken out of " + path, fullDisk);
        }
        forget(id);
    }

    /**
     * Whether one more record fits in without dropping another.
     *
     * @param rejected the record to be added
     * @return whether there is room
     */
    public synchronized boolean hasRoomFor(Rejected rejected) {
        return liveBytes + frame(rejected).length <= maxBytes / 2;
    }

    /** If the disk takes only a part, the file stays as it was. Returns where the frame begins. */
    private long append(byte[] frame) throws IOException {
        if (isTorn || end + frame.length > maxBytes || end > FEW_BYTES && end > 3 * liveBytes) {
            writeAnew();
        }
        if (file == null) {
            begin();
        }
        long at = end;
        try {
            file.append(frame);
        } catch (IOException e) {
            undo(e);
            throw e;
        }
        end += frame.length;
        isDirty = true;
        return at;
    }

    private void begin() throws IOException {
        boolean isNew = !Files.exists(path);
        SegmentFile opened = opener.open(path);
        try {
            if (isNew) {
                opened.append(Segment.header());
                end = Segment.HEADER_BYTES;
            }
        } catch (IOException | RuntimeException e) {
            opened.close();
            Files.deleteIfExists(path);
            throw e;
        }
        file = opened;
    }

    private void undo(IOException failure) {
        try {
            file.truncate(end);
        } catch (IOException e) {
            failure.addSuppressed(e);
            isTorn = true;
        }
    }

    /** Writes the file anew with the frames that still count. The old file stays until the new one is on the disk. */
    private void writeAnew() throws IOException {
        Path next = directory.resolve(NEW_FILE);
        Files.deleteIfExists(next);
        Map<UUID, Entry> moved = new LinkedHashMap<>();
        long at = Segment.HEADER_BYTES;
        try (SegmentFile written = opener.open(next)) {
            written.append(Segment.header());
            for (Map.Entry<UUID, Entry> each : live.entrySet()) {
                byte[] frame = frame(read(each.getValue()));
                written.append(frame);
                moved.put(each.getKey(), each.getValue().movedTo(at, frame.length));
                at += frame.length;
            }
            written.force();
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(next);
            throw e;
        }
        closeFile();
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        live.putAll(moved);
        liveBytes = at - Segment.HEADER_BYTES;
        end = at;
        isTorn = false;
    }

    private Rejected read(Entry entry) throws IOException {
        byte[] frame = new byte[entry.size()];
        try (RandomAccessFile read = new RandomAccessFile(path.toFile(), "r")) {
            read.seek(entry.at());
            read.readFully(frame);
        }
        if (!Frames.isWhole(frame, 0)) {
            throw new IOException("a record in " + path + " cannot be read back");
        }
        return entry.as(decode(Frames.payload(frame, 0)));
    }

    /**
     * Returns when the disk has all records that were added, so that these may leave the spool.
     *
     * @throws IOException when the disk cannot be written to
     */
    public synchronized void force() throws IOException {
        if (isDirty && file != null) {
            file.force();
        }
        isDirty = false;
    }

    /**
     * The records whose time for another try has come.
     *
     * @param now the time
     * @param max how many at most
     * @return the oldest first
     * @throws IOException when the disk cannot be read
     */
    public synchronized List<Rejected> due(Instant now, int max) throws IOException {
        List<Rejected> due = new ArrayList<>();
        for (Entry entry : live.values()) {
            if (due.size() == max) {
                break;
            }
            if (entry.isDue(now)) {
                due.add(read(entry));
            }
        }
        return due;
    }

    /**
     * The store refused it again, and is asked again on demand only.
     *
     * @param rejected the record
     * @param reason what it said, in one line
     * @param now when that was
     */
    public void refusedForGood(Rejected rejected, String reason, Instant now) {
        refusedAgain(
                new Rejected(rejected.call(), rejected.rejectedAt(), rejected.tries(), rejected.nextTry(), now, reason),
                reason,
                now);
    }

    /**
     * The store refused it again.
     *
     * @param rejected the record
     * @param reason what it said, in one line
     * @param now when that was
     */
    public synchronized void refusedAgain(Rejected rejected, String reason, Instant now) {
        UUID id = rejected.call().id();
        Entry entry = live.get(id);
        if (entry == null) {
            return;
        }
        int tries = entry.tries() + 1;
        Instant nextTry = nextTry(rejected.until(), tries, now);
        Rejected next = new Rejected(rejected.call(), entry.rejectedAt(), tries, nextTry, rejected.until(), reason);
        try {
            byte[] frame = frame(next);
            keep(next, append(frame), frame.length);
        } catch (IOException fullDisk) {
            // The new state is at least in memory, and the record itself is in the file.
            live.put(id, new Entry(entry.at(), entry.size(), next));
            changed.add(id);
        }
    }

    private static Instant nextTry(Instant until, int tries, Instant now) {
        Instant next = now.plus(PAUSES.after(tries + 1));
        return next.isAfter(until) ? null : next;
    }

    /**
     * The store has taken it.
     *
     * @param id of the record
     */
    public synchronized void stored(UUID id) {
        if (live.containsKey(id)) {
            takeOut(id);
        }
    }

    /**
     * Makes all of them due now, so that each is tried once more.
     *
     * @param now the time
     */
    public synchronized void tryAllNow(Instant now) {
        live.replaceAll((id, entry) -> new Entry(entry.at(), entry.size(), entry.rejectedAt(), entry.tries(), now));
        changed.addAll(live.keySet());
    }

    /**
     * How many there are.
     *
     * @return the count
     */
    public synchronized long count() {
        return live.size();
    }

    /** How large the file is. Does not wait. */
    long bytes() {
        return end;
    }

    /**
     * A part of the list, newest first.
     *
     * @param before the last record of the part before: when it was refused, and its id; null to begin with the newest
     * @param max how many at most
     * @return what follows
     * @throws IOException when the disk cannot be read
     */
    public synchronized List<Rejected> list(Map.Entry<Instant, UUID> before, int max) throws IOException {
        Comparator<Map.Entry<Instant, UUID>> order = Map.Entry.<Instant, UUID>comparingByKey()
                .thenComparing(place -> place.getValue().toString());
        List<Map.Entry<Instant, UUID>> places = live.entrySet().stream()
                .map(each -> Map.entry(each.getValue().rejectedAt(), each.getKey()))
                .filter(place -> before == null || order.compare(place, before) < 0)
                .sorted(order.reversed())
                .limit(max)
                .toList();
        List<Rejected> list = new ArrayList<>();
        for (Map.Entry<Instant, UUID> place : places) {
            list.add(read(live.get(place.getValue())));
        }
        return list;
    }

    /**
     * The records that have changed since the last call of this method; at the first call, all of them.
     *
     * @param max how many at most
     * @return the records by their ids; null for a record that is no longer here
     * @throws IOException when the disk cannot be read
     */
    public synchronized Map<UUID, Rejected> changes(int max) throws IOException {
        Map<UUID, Rejected> changes = new LinkedHashMap<>();
        for (UUID id : changed) {
            if (changes.size() == max) {
                break;
            }
            Entry entry = live.get(id);
            changes.put(id, entry == null ? null : read(entry));
        }
        changed.removeAll(changes.keySet());
        return changes;
    }

    /**
     * Makes {@link #changes} return some records again.
     *
     * @param ids the records that it returned, but that the caller could not pass on
     */
    public synchronized void changedStill(Collection<UUID> ids) {
        changed.addAll(ids);
    }

    /** Makes {@link #changes} return all records again. */
    public synchronized void allChanged() {
        changed.addAll(live.keySet());
    }

    /**
     * Whether there are changes to give out.
     *
     * @return whether there are
     */
    public synchronized boolean hasChanged() {
        return !changed.isEmpty();
    }

    synchronized List<Rejected> all() throws IOException {
        List<Rejected> all = new ArrayList<>();
        for (Entry entry : live.values()) {
            all.add(read(entry));
        }
        return all;
    }

    /** Deletes the records that another deployment left, together with their file. */
    synchronized void delete() throws IOException {
        closeFile();
        Files.deleteIfExists(path);
    }

    private void closeFile() throws IOException {
        SegmentFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closeFile();
    }

    /**
     * Where a record's last frame is, and the values that change most.
     *
     * @param at where the frame begins
     * @param size how long it is
     */
    private record Entry(long at, int size, Instant rejectedAt, int tries, Instant nextTry) {

        Entry(long at, int size, Rejected rejected) {
            this(at, size, rejected.rejectedAt(), rejected.tries(), rejected.nextTry());
        }

        /** If the clock was put back, the record must not wait for that time again. */
        boolean isDue(Instant now) {
            return nextTry != null && (!nextTry.isAfter(now) || nextTry.isAfter(now.plus(PAUSES.longest())));
        }

        Rejected as(Rejected read) {
            return new Rejected(read.call(), rejectedAt, tries, nextTry, read.until(), read.reason());
        }

        Entry movedTo(long place, int length) {
            return new Entry(place, length, rejectedAt, tries, nextTry);
        }
    }
}
