package dev.tokentally.web.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The limit of a body")
class BodyLimitTest {

    private static final int LIMIT = 1024;

    private final BodyLimit limit = new BodyLimit(LIMIT);

    @Test
    @DisplayName("accepts a body of exactly that size, whatever length was declared")
    void asLarge() {
        for (long declared : new long[] {-1, 0, 5, LIMIT}) {
            assertThat(limit.read(new ByteArrayInputStream(new byte[LIMIT]), declared))
                    .hasSize(LIMIT);
        }
    }

    @Test
    @DisplayName("refuses one byte more, even if less was declared, and names the limit")
    void larger() {
        for (long declared : new long[] {-1, 0, 5, LIMIT + 1}) {
            ProblemException refused = refusal(new ByteArrayInputStream(new byte[LIMIT + 1]), declared);

            assertThat(refused.problem().kind()).isEqualTo(ProblemKind.REQUEST_TOO_LARGE);
            assertThat(refused).hasMessageContaining("1024 bytes");
        }
    }

    @Test
    @DisplayName("stops reading an endless body after a bounded number of bytes")
    void endless() {
        int[] read = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                read[0]++;
                return 'x';
            }
        };

        assertThat(refusal(endless, -1).problem().kind()).isEqualTo(ProblemKind.REQUEST_TOO_LARGE);
        assertThat(read[0]).isLessThan(9 * 1024 * 1024);
    }

    @Test
    @DisplayName("answers a body that breaks off with a bad request")
    void brokenOff() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };

        assertThat(refusal(broken, -1).problem().kind()).isEqualTo(ProblemKind.BAD_REQUEST);
    }

    private ProblemException refusal(InputStream body, long declared) {
        return catchThrowableOfType(ProblemException.class, () -> limit.read(body, declared));
    }
}
