package dev.tokentally.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A statement that another thread may cancel")
class RunningStatementTest {

    @Test
    @DisplayName("is not cancelled before it can have reached the database, because the driver sends no second cancel")
    void arrives() throws Exception {
        AtomicInteger cancels = new AtomicInteger();
        Statement statement = (Statement) Proxy.newProxyInstance(
                Statement.class.getClassLoader(), new Class<?>[] {Statement.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("cancel");
                    cancels.incrementAndGet();
                    return null;
                });
        RunningStatement running = new RunningStatement();
        running.cancel();

        long start = System.nanoTime();
        running.begins(statement);
        while (cancels.get() == 0) {
            running.cancel();
            Thread.onSpinWait();
        }

        assertThat(System.nanoTime() - start).isGreaterThan(100_000_000);
        running.ended();
        running.cancel();
        assertThat(cancels).hasValue(1);
    }
}
