package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.config.MapConfig;
import dev.tokentally.config.Settings;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.usage.Calls;
import dev.tokentally.usage.Erasure;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A write that began before its node had read an erasure")
class KnownErasuresTest {

    private final AtomicLong ahead = new AtomicLong();

    @ParameterizedTest
    @EnumSource(Database.class)
    @DisplayName("delays the node's confirmation, and if it takes too long, the erasure begins again after it")
    void inFlight(Database kind) throws Exception {
        Store store = TestDatabases.opened(TestDatabases.withTables(kind));
        KnownErasures frozen = known(store);
        KnownErasures other = known(store);
        JpaUserErasures erasures = new JpaUserErasures(store, null, other);
        CallRecord call = Calls.ok("acme", Instant.now().minusSeconds(60)).withUser("ann");
        ErasingWrite write = frozen.begin();
        assertThat(write.of(call)).isEqualTo(call);
        Erasure asked = erasures.ask("acme", "ann");
        assertThat(frozen.heeded()).isZero();

        frozen.read();
        assertThat(frozen.heeded()).isZero();
        assertThat(other.heeded()).isEqualTo(1);
        assertThat(erasures.done(asked.id(), 0)).isTrue();
        ahead.addAndGet(TimeUnit.SECONDS.toNanos(7));
        write.close();
        assertThat(frozen.heeded()).isZero();

        assertThat(frozen.read()).isTrue();
        assertThat(frozen.heeded()).isEqualTo(1);
        assertThat(erasures.done(asked.id(), 0)).isFalse();
        assertThat(erasures.take(asked.id(), UUID.randomUUID()).orElseThrow().round())
                .isEqualTo(1);
        try (ErasingWrite next = frozen.begin()) {
            assertThat(next.of(call).origin().userId()).startsWith("erased-");
        }
    }

    private KnownErasures known(Store store) {
        return new KnownErasures(
                store,
                new Settings(new MapConfig(Map.of("tokentally.user.hash-key", "a key"))).userHash(),
                new Clocks(() -> System.nanoTime() + ahead.get(), System::currentTimeMillis));
    }
}
