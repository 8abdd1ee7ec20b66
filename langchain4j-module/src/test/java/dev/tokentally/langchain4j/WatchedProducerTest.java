package dev.tokentally.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.tokentally.scope.KnownBeans;
import dev.tokentally.tracking.CallTracker;
import jakarta.enterprise.context.spi.CreationalContext;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.Producer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A model that a producer makes")
class WatchedProducerTest {

    private static final TrackingChatModelListener OURS = new TrackingChatModelListener(null, null);

    private final LogLines log = LogLines.of(WatchedProducer.class.getName());

    @AfterEach
    void stopListening() {
        log.close();
    }

    @Test
    @DisplayName("is reported if it has no listener, even if the producer has ours or the tracker as a parameter")
    void forgotten() {
        make(model(), Set.of());
        make(model(), Set.of(TrackingChatModelListener.class));
        make(model(), Set.of(CallTracker.class));

        assertThat(log.all()).hasSize(3).allSatisfy(line -> assertThat(line)
                .startsWith("The ChatModel that com.acme.Models.chat has made has no TrackingChatModelListener"));
    }

    @Test
    @DisplayName("is reported if it has only listeners that have nothing to do with ours")
    void otherListener() {
        make(model(new Metrics()), Set.of(Metrics.class));

        assertThat(log.all()).hasSize(1);
    }

    @Test
    @DisplayName("is not reported if the producer may have put our listener or the tracker into a listener of its own")
    void composite() {
        make(model(new Composite(List.of(OURS, new Metrics()))), Set.of(TrackingChatModelListener.class));
        make(model(new Composite(List.of(OURS))), Set.of(Service.class));
        make(model(new Composite(List.of(OURS))), Set.of(ChatModelListener.class));
        make(model(new Metrics()), Set.of(CallTracker.class));

        assertThat(log.all()).isEmpty();
    }

    @Test
    @DisplayName("is not reported if one of its listeners is a bean that may pass on to ours what it hears")
    void relay() {
        make(model(new Relay()), Set.of());
        make(model(new Relay() {}), Set.of());

        assertThat(log.all()).isEmpty();
    }

    @Test
    @DisplayName("is not reported if it is of the application's own class and may record its calls by the tracker")
    void recordsItself() {
        make(new Own(), Set.of(CallTracker.class));
        assertThat(log.all()).isEmpty();

        make(new Own(), Set.of());
        assertThat(log.all()).hasSize(1);
    }

    private static ChatModel model(ChatModelListener... listeners) {
        return OpenAiChatModel.builder()
                .apiKey("k")
                .modelName("m")
                .listeners(listeners)
                .build();
    }

    private static void make(ChatModel model, Set<Class<?>> parameters) {
        ModelBeans beans = new ModelBeans() {
            @Override
            Optional<PortModels> ports() {
                return Optional.of(new PortModels(KnownBeans.of(Map.of(
                        TrackingChatModelListener.class,
                        Set.of(CallTracker.class),
                        Metrics.class,
                        Set.of(),
                        Relay.class,
                        Set.of(TrackingChatModelListener.class),
                        Service.class,
                        Set.of(Relay.class)))));
            }
        };
        ModelMaker maker = new ModelMaker("com.acme.Models.chat", ModelType.CHAT, Set.of());

        assertThat(new WatchedProducer<>(new Made(model, parameters), maker, Object.class, beans).produce(null))
                .isSameAs(model);
    }

    private record Made(ChatModel model, Set<Class<?>> parameters) implements Producer<ChatModel> {

        @Override
        public ChatModel produce(CreationalContext<ChatModel> context) {
            return model;
        }

        @Override
        public void dispose(ChatModel instance) {
            // Nothing is open.
        }

        @Override
        public Set<InjectionPoint> getInjectionPoints() {
            return KnownBeans.points(parameters);
        }
    }

    /** A listener of the application's that records nothing. */
    private static final class Metrics implements ChatModelListener {}

    private record Composite(List<ChatModelListener> listeners) implements ChatModelListener {}

    /** A listener of the application's that has ours injected. */
    private static class Relay implements ChatModelListener {}

    /** A bean of the application's that has the relay injected. */
    private static final class Service {}

    /** It has listeners of its own, as each wrapper that passes on the question for them. */
    private static final class Own implements ChatModel {

        @Override
        public List<ChatModelListener> listeners() {
            return List.of();
        }
    }
}
