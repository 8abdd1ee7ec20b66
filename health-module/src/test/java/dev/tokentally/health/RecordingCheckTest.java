package dev.tokentally.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The health check of recording")
class RecordingCheckTest {

    private final HealthBoard board = new HealthBoard();
    private final RecordingCheck check = new RecordingCheck(board);

    @BeforeAll
    static void withoutAServer() {
        HealthCheckResponse.setResponseProvider(new PlainResponses());
    }

    @Test
    @DisplayName("is up and tells the state of recording, with application and node")
    void up() {
        board.register(() -> new RecordingReport("shop", "web-1", true, 1, 2, 3, 4, 6, 5));

        assertThat(dataOfUp())
                .isEqualTo(Map.of(
                        "application",
                        "shop",
                        "node",
                        "web-1",
                        "store",
                        "up",
                        "waiting",
                        1L,
                        "oldest_age_seconds",
                        2L,
                        "rejected",
                        3L,
                        "dropped",
                        4L,
                        "without_scope",
                        6L,
                        "damaged",
                        5L));
    }

    @Test
    @DisplayName("is up while the store is down, because the application still answers")
    void storeDown() {
        board.register(() -> new RecordingReport("shop", "web-1", false, 9, 0, 0, 0, 0, 0));

        assertThat(dataOfUp()).containsEntry("store", "down").containsEntry("waiting", 9L);
    }

    @Test
    @DisplayName("is up before recording starts and after it stops")
    void outsideItsLife() {
        assertThat(dataOfUp()).isEqualTo(Map.of("store", "unknown"));
        board.register(() -> new RecordingReport("shop", "web-1", true, 0, 0, 0, 0, 0, 0));
        board.unregister();

        assertThat(dataOfUp()).isEqualTo(Map.of("store", "unknown"));
    }

    @Test
    @DisplayName("is up and names the fault if the state cannot be read")
    void fault() {
        board.register(() -> {
            throw new IllegalStateException("secret");
        });

        assertThat(dataOfUp()).isEqualTo(Map.of("store", "unknown", "fault", "java.lang.IllegalStateException"));
    }

    private Map<String, Object> dataOfUp() {
        HealthCheckResponse response = check.call();
        assertThat(response.getName()).isEqualTo("tokentally-recording");
        assertThat(response.getStatus()).isEqualTo(HealthCheckResponse.Status.UP);
        return response.getData().orElseThrow();
    }
}
