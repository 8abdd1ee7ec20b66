package dev.tokentally.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.recording.spool.Batch;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A part of a batch that cannot be split because memory is short")
class BatchInPartsTest {

    private final ShortList records =
            new ShortList(List.of(Calls.ok("acme", Instant.EPOCH), Calls.ok("acme", Instant.EPOCH)));
    private final BatchInParts parts = new BatchInParts(new Batch(records, List.of(), 0, 0));

    @Test
    @DisplayName("is still left after the store refused it")
    void refused() {
        List<CallRecord> part = parts.next(10);

        assertThatThrownBy(() -> parts.split(part)).isInstanceOf(InternalError.class);

        assertThat(parts.isTried()).isFalse();
        assertThat(parts.next(10)).isEqualTo(records.all);
    }

    @Test
    @DisplayName("is still left after fewer records were asked for")
    void tooMany() {
        assertThatThrownBy(() -> parts.next(1)).isInstanceOf(InternalError.class);

        assertThat(parts.isTried()).isFalse();
        assertThat(parts.next(10)).isEqualTo(records.all);
    }

    /** JUnit would end all tests at an OutOfMemoryError, so another Error stands for it. */
    private static final class ShortList extends AbstractList<CallRecord> {

        private final List<CallRecord> all;

        ShortList(List<CallRecord> all) {
            this.all = all;
        }

        @Override
        public CallRecord get(int index) {
            return all.get(index);
        }

        @Override
        public int size() {
            return all.size();
        }

        @Override
        public List<CallRecord> subList(int from, int to) {
            throw new InternalError("Java heap space");
        }
    }
}
