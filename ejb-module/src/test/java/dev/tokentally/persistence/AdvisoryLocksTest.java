package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.OnOneJdk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnOneJdk
@DisplayName("The advisory locks")
class AdvisoryLocksTest {

    private static final Pattern LOCK = Pattern.compile("advisory\\w*\\((\\d+)\\)");

    @Test
    @DisplayName("have the numbers that the scripts have")
    void scripts() throws IOException {
        List<Long> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/resources/dev/tokentally"))) {
            for (Path script :
                    files.filter(file -> file.toString().endsWith(".sql")).toList()) {
                LOCK.matcher(Files.readString(script))
                        .results()
                        .map(lock -> Long.valueOf(lock.group(1)))
                        .forEach(found::add);
            }
        }

        assertThat(found).isNotEmpty().containsOnly(AdvisoryLocks.KEPT_FROM);
    }

    @Test
    @DisplayName("are the words of which the comments speak, in ASCII")
    void words() {
        assertThat(Stream.of(
                                AdvisoryLocks.MIGRATION,
                                AdvisoryLocks.LONG_STEPS,
                                AdvisoryLocks.ROLLUPS,
                                AdvisoryLocks.KEPT_FROM)
                        .map(key -> new String(
                                ByteBuffer.allocate(Long.BYTES).putLong(key).array(), StandardCharsets.US_ASCII)))
                .containsExactly("tokental", "tokenlng", "tokenrol", "tokenkep");
    }
}
