package dev.tokentally.recording.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Actions that the tests of the spool share. */
final class Spools {

    private Spools() {}

    static List<CallRecord> append(Spool spool, int count) throws IOException {
        List<CallRecord> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CallRecord call = Calls.ok("acme", Instant.ofEpochSecond(i));
            spool.append(call);
            calls.add(call);
        }
        return calls;
    }

    /** Takes all records out, in batches of at most the given size. */
    static List<CallRecord> drain(Spool spool, int max) throws IOException {
        List<CallRecord> calls = new ArrayList<>();
        for (Optional<Batch> batch = spool.next(max); batch.isPresent(); batch = spool.next(max)) {
            assertThat(batch.get().records()).hasSizeLessThanOrEqualTo(max);
            calls.addAll(batch.get().records());
            spool.done(batch.get());
        }
        return calls;
    }

    /** The oldest first. */
    static List<Rejected> all(RejectedRecords records) throws IOException {
        return records.get(records.ids());
    }

    static List<Path> files(Path directory, String ending) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }
}
