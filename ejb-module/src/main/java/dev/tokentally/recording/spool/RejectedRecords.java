package dev.tokentally.recording.spool;

import dev.tokentally.text.QuietLog;
import dev.tokentally.usage.CallRecord;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The records that the store refused while it took others, in a {@link RejectedFile} beside the segments. Each is tried again with
 * growing pauses for a day. After that it is kept, and tried again on demand. Now and then the file is written anew, without what is
 * out of date. Safe for use by many threads.
 */
public final class RejectedRecords implements Closeable {

    /** How long a record is tried again by itself. */
    public static final Duration BY_ITSELF = Duration.ofDays(1);

    /** So many records that are no longer here are remembered as changes, in case that nobody asks for these. */
    static final int MAX_GONE = 10_000;

    private static final String NOT_READ_BACK = "the refused records cannot be read back";

    private static final Logger LOG = QuietLog.of(RejectedRecords.class);

    private final long maxBytes;

    // The monitor of this object guards the fields below.

    /** The oldest first. */
    private final Map<UUID, RejectedEntry> live = new LinkedHashMap<>();

    private final Set<UUID> changed = new LinkedHashSet<>();

    private boolean changesForgotten;
    private long liveBytes;
    /** Set before the records are given out. */
    private RejectedFile file;

    private RejectedRecords(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Reads what an earlier run left in a directory that the caller has locked.
     *
     * @throws IOException when the file can neither be read nor put aside
     */
    static RejectedRecords open(Path directory, SegmentFile.Opener opener, long maxBytes) throws IOException {
        RejectedRecords records = new RejectedRecords(maxBytes);
        records.file = RejectedFile.open(directory, opener, maxBytes, records.new Contents());
        return records;
    }

    /** Puts together what the frames of the file say. */
    private final class Contents implements RejectedFile.Reader {

        @Override
        public void kept(Rejected rejected, long at, int size) {
            keep(rejected, at, size);
        }

        @Override
        public void gone(UUID id) {
            forget(id);
        }
    }

    private void keep(Rejected rejected, long at, int size) {
        UUID id = rejected.call().id();
        RejectedEntry before = live.put(id, new RejectedEntry(at, size, rejected));
        liveBytes += size - (before == null ? 0 : before.size());
        changed.add(id);
    }

    private void forget(UUID id) {
        RejectedEntry before = live.remove(id);
        if (before != null) {
            liveBytes -= before.size();
            changed.add(id);
            if (changed.size() > live.size() + MAX_GONE) {
                changed.clear();
                changed.addAll(live.keySet());
                changesForgotten = true;
            }
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
        return add(new Rejected(
                call, micros(now), 0, now.plus(RejectedEntry.PAUSES.after(1)), now.plus(BY_ITSELF), reason));
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
        byte[] frame = RejectedFile.frame(rejected);
        List<Rejected> dropped = read(() -> oldestInTheWay(frame.length));
        keep(rejected, append(frame), frame.length);
        for (Rejected each : dropped) {
            takeOut(each.call().id());
        }
        return dropped;
    }

    /**
     * How many bytes the records may fill before the oldest is dropped. It is only half of the file's limit, so that the file need not
     * be written anew at each change.
     *
     * @return the bytes
     */
    public long roomBytes() {
        return maxBytes / 2;
    }

    private List<UUID> oldestInTheWay(int size) {
        List<UUID> oldest = new ArrayList<>();
        long room = roomBytes() - liveBytes - size;
        for (Map.Entry<UUID, RejectedEntry> each : live.entrySet()) {
            if (room >= 0) {
                break;
            }
            oldest.add(each.getKey());
            room += each.getValue().size();
        }
        return oldest;
    }

    private void takeOut(UUID id) {
        try {
            append(RejectedFile.gone(id));
        } catch (IOException fullDisk) {
            // A later run tries the record once more, and finds that it is stored.
            LOG.log(Level.DEBUG, "A refused record could not be taken out of its file", fullDisk);
        }
        forget(id);
    }

    /**
     * Whether half of the room stays free if one more record is added. Then the next records that the store refuses drop no other.
     *
     * @param rejected the record to be added
     * @return whether it does
     */
    public synchronized boolean leavesRoom(Rejected rejected) {
        return liveBytes + RejectedFile.frame(rejected).length <= roomBytes() / 2;
    }

    /** Whether so many bytes fit in without dropping a record. */
    synchronized boolean hasRoomFor(long bytes) {
        return liveBytes + bytes <= roomBytes();
    }

    /** How many bytes the records of another file need that are not here. No other thread may use that file. */
    synchronized long missing(RejectedRecords other) {
        return other.live.entrySet().stream()
                .filter(each -> !live.containsKey(each.getKey()))
                .mapToLong(each -> each.getValue().size())
                .sum();
    }

    /** Returns where the frame begins. */
    private long append(byte[] frame) throws IOException {
        if (file.isToBeWrittenAnew(frame.length, liveBytes)) {
            rewrite();
        }
        return file.append(frame);
    }

    private void rewrite() throws IOException {
        if (!tryRewrite()) {
            readAgain();
            if (!tryRewrite()) {
                throw new IOException(NOT_READ_BACK);
            }
        }
    }

    /** Writes the file anew. Returns false if one of the records is damaged; the file then stays as it is. */
    private boolean tryRewrite() throws IOException {
        Map<UUID, RejectedEntry> moved = new LinkedHashMap<>();
        boolean isWritten = file.tryRewrite(next -> {
            for (Map.Entry<UUID, RejectedEntry> each : live.entrySet()) {
                Rejected read = read(each.getValue());
                if (read == null) {
                    return false;
                }
                byte[] frame = RejectedFile.frame(read);
                moved.put(each.getKey(), each.getValue().movedTo(next.append(frame), frame.length));
            }
            return true;
        });
        if (isWritten) {
            live.putAll(moved);
            liveBytes = file.bytes() - Segment.HEADER_BYTES;
        }
        return isWritten;
    }

    /** Null if it is damaged. */
    private Rejected read(RejectedEntry entry) throws IOException {
        Rejected read = file.read(entry.at(), entry.size());
        return read == null ? null : entry.as(read);
    }

    /** Reads records back. If one of them is damaged, the file says which ones are left. */
    private List<Rejected> read(Supplier<List<UUID>> which) throws IOException {
        List<Rejected> read = readAll(which.get());
        if (read == null) {
            readAgain();
            read = readAll(which.get());
        }
        if (read == null) {
            throw new IOException(NOT_READ_BACK);
        }
        return read;
    }

    /** Null if one of them is damaged. */
    private List<Rejected> readAll(List<UUID> ids) throws IOException {
        List<Rejected> all = new ArrayList<>();
        for (UUID id : ids) {
            Rejected read = read(live.get(id));
            if (read == null) {
                return null;
            }
            all.add(read);
        }
        return all;
    }

    /** Keeps of each record the last state that can be read. */
    private void readAgain() throws IOException {
        Map<UUID, RejectedEntry> before = new LinkedHashMap<>(live);
        long bytesBefore = liveBytes;
        live.clear();
        liveBytes = 0;
        try {
            file.readAgain(new Contents());
        } catch (IOException | RuntimeException e) {
            live.clear();
            live.putAll(before);
            liveBytes = bytesBefore;
            throw e;
        }
        // If an entry was changed only in memory, that state is newer than the file's.
        live.replaceAll(
                (id, entry) -> before.containsKey(id) && before.get(id).at() == entry.at() ? before.get(id) : entry);
        changed.addAll(before.keySet());
    }

    /**
     * Returns when the disk has all records that were added, so that these may leave the spool.
     *
     * @throws IOException when the disk cannot be written to
     */
    public synchronized void force() throws IOException {
        if (file.isDoubtful()) {
            rewrite();
        }
        file.force();
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
        return read(() -> live.entrySet().stream()
                .filter(each -> each.getValue().isDue(now))
                .map(Map.Entry::getKey)
                .limit(max)
                .toList());
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
        RejectedEntry entry = live.get(id);
        if (entry == null) {
            return;
        }
        int tries = entry.tries() + 1;
        Instant nextTry = nextTry(rejected.until(), tries, now);
        Rejected next = new Rejected(rejected.call(), entry.rejectedAt(), tries, nextTry, rejected.until(), reason);
        try {
            byte[] frame = RejectedFile.frame(next);
            keep(next, append(frame), frame.length);
        } catch (IOException fullDisk) {
            // The new state is at least in memory, and the record itself is in the file.
            live.computeIfPresent(id, (same, kept) -> new RejectedEntry(kept.at(), kept.size(), next));
            changed.add(id);
        }
    }

    private static Instant nextTry(Instant until, int tries, Instant now) {
        Instant next = now.plus(RejectedEntry.PAUSES.after(tries + 1));
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
        live.replaceAll((id, entry) -> entry.dueAt(now));
        changed.addAll(live.keySet());
    }

    /**
     * Whether all records that {@link #tryAllNow} made due were tried since, or are gone.
     *
     * @param at the time that it was called with
     * @return whether none of them still waits for this try
     */
    public synchronized boolean wereTried(Instant at) {
        return live.values().stream().noneMatch(entry -> at.equals(entry.nextTry()));
    }

    /**
     * Whether a record is set aside.
     *
     * @param id of the record
     * @return whether it is here
     */
    public synchronized boolean contains(UUID id) {
        return live.containsKey(id);
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
        return file.bytes();
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
        return read(() -> live.entrySet().stream()
                .map(each -> Map.entry(each.getValue().rejectedAt(), each.getKey()))
                .filter(place -> before == null || order.compare(place, before) < 0)
                .sorted(order.reversed())
                .limit(max)
                .map(Map.Entry::getValue)
                .toList());
    }

    /**
     * The records that have changed since the last call of this method; at the first call, all of them.
     *
     * @param max how many at most
     * @return the records by their ids; null for a record that is no longer here
     * @throws IOException when the disk cannot be read
     */
    public synchronized Map<UUID, Rejected> changes(int max) throws IOException {
        List<UUID> next = changed.stream().limit(max).toList();
        List<Rejected> read = get(next);
        Map<UUID, Rejected> changes = new LinkedHashMap<>();
        next.forEach(id -> changes.put(id, null));
        read.forEach(each -> changes.put(each.call().id(), each));
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
        return !file.isClosed() && (changesForgotten || !changed.isEmpty());
    }

    /**
     * Whether {@link #changes} begins again with all records that are here, since too many changes had come together. It does not say
     * then which ones are gone.
     *
     * @return whether it does; true only once each time
     */
    public synchronized boolean beginsAgain() {
        boolean forgotten = changesForgotten;
        changesForgotten = false;
        return forgotten;
    }

    /** The oldest first. */
    synchronized List<UUID> ids() {
        return List.copyOf(live.keySet());
    }

    /** Those of the records that are still here. */
    synchronized List<Rejected> get(List<UUID> ids) throws IOException {
        return read(() -> ids.stream().filter(live::containsKey).toList());
    }

    /** Deletes the records that another deployment left, together with their file. */
    synchronized void delete() throws IOException {
        file.delete();
    }

    /** After that nothing is read or written any more. */
    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
