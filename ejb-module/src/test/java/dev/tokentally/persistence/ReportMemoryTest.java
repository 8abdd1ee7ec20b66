package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.ReportTooLargeException;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A report in a small heap")
class ReportMemoryTest {

    @ParameterizedTest
    @DisplayName("is refused, and does not exhaust the heap, if names never repeat")
    @ValueSource(
            strings = {
                "tenants",
                "tenants by operation",
                "operations",
                "operations of one call",
                "operations by tenant",
                "models",
                "operations by model",
                "models by provider",
                "providers by model",
                "tenants by model",
                "operations of nothing",
                "users",
                "sessions by user"
            })
    void everNewNames(String what) throws Exception {
        Process process = SmallHeap.start("48m", Growing.class, what);
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
                Grouping report = new Grouping(dimensions(what), true, memory);
                for (; rows < 2_000_000; rows++) {
                    report.add(row(rows, what, report.names()));
                }
                System.out.println("taken: " + rows);
            } catch (ReportTooLargeException refused) {
                System.out.println("refused after " + rows);
            }
        }

        private static List<Dimension> dimensions(String what) {
            return switch (what) {
                case "tenants", "tenants by operation", "operations", "operations of one call" ->
                    List.of(Dimension.TENANT, Dimension.OPERATION);
                case "operations by tenant" -> List.of(Dimension.OPERATION, Dimension.TENANT);
                case "models by provider" -> List.of(Dimension.PROVIDER, Dimension.MODEL);
                case "providers by model" -> List.of(Dimension.MODEL, Dimension.PROVIDER);
                case "tenants by model" -> List.of(Dimension.MODEL, Dimension.TENANT);
                case "operations of nothing" -> List.of();
                case "users" -> List.of(Dimension.USER);
                case "sessions by user" -> List.of(Dimension.USER, Dimension.SESSION);
                default -> List.of(Dimension.MODEL);
            };
        }

        private static ResultSet row(long number, String what, List<Dimension> names) {
            List<Object> columns = new ArrayList<>();
            for (Dimension name : names) {
                columns.add(what.startsWith(name.label()) ? name + " " + number : name.label());
            }
            columns.add(what.endsWith("one call") ? "one" : "call " + number);
            columns.addAll(List.of(2, BigDecimal.ONE, number, number, number));
            return (ResultSet) Proxy.newProxyInstance(
                    ResultSet.class.getClassLoader(),
                    new Class<?>[] {ResultSet.class},
                    (proxy, method, asked) -> columns.get((int) asked[0] - 1));
        }
    }
}
