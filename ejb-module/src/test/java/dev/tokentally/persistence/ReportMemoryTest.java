package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.ReportTooLargeException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A report in a small heap")
class ReportMemoryTest {

    @ParameterizedTest
    @DisplayName("is refused, and does not exhaust it, when there are ever new names")
    @ValueSource(strings = {"tenants", "operations", "operations of one call", "models", "operations by model"})
    void everNewNames(String what) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx48m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Growing.class.getName(),
                        what)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said.strip()).startsWith("refused after");
        assertThat(process.waitFor()).isZero();
    }

    /** Runs in a process of its own. */
    static final class Growing {

        private Growing() {}

        public static void main(String[] arguments) throws Exception {
            String what = arguments[0];
            AtomicLong left = new AtomicLong(Runtime.getRuntime().maxMemory() / 4);
            long rows = 0;
            try (ReportMemory memory = new ReportMemory(left)) {
                ReportInTheMaking report =
                        what.contains("model") ? new ByModel(true, memory) : new ByOperation(true, memory);
                for (; rows < 2_000_000; rows++) {
                    report.add(row(rows, what, report.names().size()));
                }
                System.out.println("taken: " + rows);
            } catch (ReportTooLargeException refused) {
                System.out.println("refused after " + rows);
            }
        }

        private static ResultSet row(long number, String what, int names) {
            String tenant = what.equals("tenants") ? "tenant " + number : "acme";
            String operation = what.startsWith("operations") ? "operation " + number : "chat";
            String model = what.equals("models") ? "model " + number : "gpt";
            String callId = what.endsWith("one call") ? "one" : "call " + number;
            Object[] columns = names == 2
                    ? new Object[] {operation, tenant, callId, 2, BigDecimal.ONE, number, number, number}
                    : new Object[] {operation, model, tenant, callId, 2, BigDecimal.ONE, number, number, number};
            return (ResultSet) Proxy.newProxyInstance(
                    ResultSet.class.getClassLoader(),
                    new Class<?>[] {ResultSet.class},
                    (proxy, method, asked) -> columns[(int) asked[0] - 1]);
        }
    }
}
