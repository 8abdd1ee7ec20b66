package dev.tokentally.scope;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.CapturedLog;
import dev.tokentally.llm.LlmPort;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("If an @LlmOperation ends without a call,")
class SilentOperationsTest {

    private final CapturedLog log = CapturedLog.of(SilentOperations.class.getName());
    private final SilentOperations silent = new SilentOperations(new ApplicationBeans());

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    @DisplayName("the log says so once, with its name and the remedy")
    void told() throws NoSuchMethodException {
        ended(Operations.class, "silent", new SeenCalls(null), "answer");
        ended(Operations.class, "silent", new SeenCalls(null), "answer");

        assertThat(log.messages())
                .hasSize(1)
                .first()
                .asString()
                .contains("Operations.silent has ended", "<decorators>");
    }

    @Test
    @DisplayName("the log says nothing if it had a call before, because it may answer from a cache")
    void cached() throws NoSuchMethodException {
        SeenCalls calls = new SeenCalls(null);
        calls.add();
        ended(Operations.class, "cached", calls, "answer");
        ended(Operations.class, "cached", new SeenCalls(null), "answer");

        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName("the log says nothing if a scope inside it had a call")
    void nested() throws NoSuchMethodException {
        SeenCalls outer = new SeenCalls(null);
        new SeenCalls(new SeenCalls(outer)).add();
        ended(Operations.class, "nested", outer, "answer");

        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName("the log says nothing if its scope, or one inside it, went to another thread")
    void takenAlong() throws NoSuchMethodException {
        SeenCalls outer = new SeenCalls(null);
        new SeenCalls(outer).goElsewhere();
        ended(Operations.class, "takenAlong", outer, "answer");

        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName("the log says nothing if its result may still ask the model")
    void later() throws NoSuchMethodException {
        Flow.Publisher<String> publisher = subscriber -> {};
        Runnable task = () -> {};
        for (Object result : List.of(
                new CompletableFuture<>(),
                publisher,
                Stream.of("a"),
                List.of("a").iterator(),
                task)) {
            ended(Operations.class, "later", new SeenCalls(null), result);
        }

        assertThat(log.messages()).isEmpty();
    }

    @Test
    @DisplayName(
            "the log says nothing if its bean has a model for embeddings, unless the bean may also ask another model")
    void embedding() throws NoSuchMethodException {
        ended(Index.class, "index", new SeenCalls(null), null);
        assertThat(log.messages()).isEmpty();

        ended(IndexAndPort.class, "index", new SeenCalls(null), null);
        assertThat(log.messages()).hasSize(1).first().asString().contains("IndexAndPort.index has ended");
    }

    @Test
    @DisplayName("and the annotation is on the class, the log says so if none of its public methods had a call")
    void wholeClass() throws NoSuchMethodException {
        ended(Quiet.class, "count", new SeenCalls(null), 1);
        assertThat(log.messages()).isEmpty();
        ended(Quiet.class, "ask", new SeenCalls(null), "answer");
        assertThat(log.messages()).hasSize(1).first().asString().contains("Quiet has ended");

        SeenCalls calls = new SeenCalls(null);
        calls.add();
        ended(Heard.class, "ask", calls, "answer");
        ended(Heard.class, "count", new SeenCalls(null), 1);
        assertThat(log.messages()).hasSize(1);
    }

    @Test
    @DisplayName("and the annotation is on the class, the log says so once for the class")
    void wholeClassOnce() throws NoSuchMethodException {
        for (int i = 0; i < 3; i++) {
            ended(Told.class, "count", new SeenCalls(null), 1);
            ended(Told.class, "ask", new SeenCalls(null), "answer");
        }

        assertThat(log.messages()).hasSize(1);
    }

    @Test
    @DisplayName(
            "and the annotation is on the class, the log says so after twenty returns although a method is never called")
    void neverCalled() throws NoSuchMethodException {
        for (int i = 1; i <= 25; i++) {
            ended(NeverCounted.class, "ask", new SeenCalls(null), "answer");
            assertThat(log.messages()).hasSize(i < 20 ? 0 : 1);
        }
    }

    @Test
    @DisplayName("its tasks that start tasks form no endless chain")
    void bounded() {
        SeenCalls first = new SeenCalls(null);
        first.goElsewhere();
        SeenCalls second = new SeenCalls(first);
        second.add();

        assertThat(first.any()).isFalse();
    }

    private void ended(Class<?> type, String name, SeenCalls calls, Object result) throws NoSuchMethodException {
        Method method = type.getMethod(name);
        if (!SilentOperations.isSettled(method)) {
            silent.ended(type, method, calls, result);
        }
    }

    /** Each method is decided only once in a test run. */
    public interface Operations {

        @LlmOperation("silent")
        String silent();

        @LlmOperation("cached")
        String cached();

        @LlmOperation("nested")
        String nested();

        @LlmOperation("taken along")
        String takenAlong();

        @LlmOperation("later")
        Object later();
    }

    /** Has a field with a type that stores embeddings. */
    public static final class Index {

        final List<dev.langchain4j.model.embedding.Embeddings> models = new ArrayList<>();

        @LlmOperation("index")
        public void index() {
            models.clear();
        }
    }

    /** Has such a type, and a port. */
    public static final class IndexAndPort {

        final List<dev.langchain4j.model.embedding.Embeddings> models = new ArrayList<>();
        final List<LlmPort> ports = new ArrayList<>();

        @LlmOperation("index")
        public void index() {
            models.clear();
            ports.clear();
        }
    }

    @LlmOperation("told")
    public interface Told {

        String ask();

        int count();
    }

    @LlmOperation("never counted")
    public interface NeverCounted {

        String ask();

        int count();
    }

    @LlmOperation("quiet")
    public interface Quiet {

        String ask();

        int count();
    }

    @LlmOperation("heard")
    public interface Heard {

        String ask();

        int count();
    }
}
