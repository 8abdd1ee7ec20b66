package dev.tokentally.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The checks of a run")
class ChecksTest {

    @ParameterizedTest
    @DisplayName("refuse a URL that PostgreSQL's driver cannot read, and neither they nor the driver show it")
    @ValueSource(
            strings = {
                "jdbc:postgresql://127.0.0.1:secret/usage",
                "jdbc:postgresql://127.0.0.1?password=secret",
                "jdbc:postgresql://127.0.0.1:99999/usage?password=secret",
                "jdbc:postgresql:?password=secret%"
            })
    void unreadable(String url, @TempDir Path folder) {
        Map<String, String> environment =
                Map.of("TOKENTALLY_DB_URL", url, "TOKENTALLY_DB_USER", "me", "TOKENTALLY_DB_PASSWORD", "x");
        List<String> logged = new ArrayList<>();
        Handler handler = keepingIn(logged);
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            assertThatThrownBy(() -> Checks.passed(new Properties(), environment, folder.resolve("data")))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageEndingWith("TOKENTALLY_DB_URL cannot be read by PostgreSQL's driver: allowed is"
                            + " jdbc:postgresql://HOST:PORT/DATABASE");
        } finally {
            root.removeHandler(handler);
        }
        assertThat(logged).noneMatch(line -> line.contains("secret"));
    }

    private static Handler keepingIn(List<String> logged) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                logged.add(new SimpleFormatter().format(line));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }
}
