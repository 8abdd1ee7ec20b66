package dev.tokentally.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import dev.tokentally.llm.UsagePayload;
import dev.tokentally.usage.CallUsage;
import dev.tokentally.usage.TokenCounts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A usage object from a provider's reference")
class DocumentedObjectsTest {

    /** Every meter has a different price, so that a token under a wrong meter changes the cost. */
    private static final String PRICES = "2026-01-01,10,100,1,12,20,40,4,15,3,11,60,200,300,50,10,2";

    private static final PriceList LIST = Lists.csv(Stream.of(
                    "openai",
                    "azure",
                    "anthropic",
                    "bedrock",
                    "xai",
                    "perplexity",
                    "cohere",
                    "ollama",
                    "gemini",
                    "vertex_ai",
                    "mistral",
                    "deepseek",
                    "groq",
                    "openrouter",
                    "together",
                    "dashscope",
                    "replicate",
                    "voyage",
                    "jina",
                    "litellm",
                    "databricks",
                    "someone")
            .map(provider -> provider + ",m," + PRICES)
            .collect(Collectors.joining(
                    "\n",
                    "provider,model,from,input,output,cached_input,cache_write,cache_write_1h,input_audio,cache_audio_read,"
                            + "input_image,cache_image_read,input_video,reasoning,output_audio,output_image,"
                            + "output_citation,web_searches,search_units\n",
                    "\n")));

    @ParameterizedTest(name = "{0}")
    @DisplayName("is read as the meters that its provider bills, and costs their sum")
    @MethodSource("objects")
    void objects(Documented object) {
        UsagePayload read = UsagePayload.read(object.provider(), object.json());
        assertThat(read.problem()).isEmpty();
        TokenUsage tokens = read.tokens().forKind(object.kind());
        Map<Meter, Long> counts = new EnumMap<>(Meter.class);
        for (Meter meter : Meter.values()) {
            if (tokens.quantity(meter) > 0) {
                counts.put(meter, tokens.quantity(meter));
            }
        }
        assertThat(counts).isEqualTo(object.meters());
        tokens.meters()
                .forEach((meter, quantity) -> counts.put(Meter.ofLabel(meter).orElseThrow(), quantity));

        Quote quote = LIST.quote(new PricedUsage(
                object.provider(),
                "m",
                object.kind(),
                Lists.NOW,
                read.serviceTier(),
                counts,
                tokens.doubts(),
                read.searchContextSize()));

        assertThat(quote.source().label()).as(quote.notes().toString()).isEqualTo(object.source());
        if (object.micros() == null) {
            assertThat(quote.costUsd()).isNull();
        } else {
            assertThat(quote.costUsd()).isEqualByComparingTo(object.micros().movePointLeft(6));
        }
        assertThat(repriced(object, tokens, read.serviceTier()))
                .as("of the row")
                .isEqualTo(Lists.costAndSource(
                        LIST,
                        new PricedUsage(
                                object.provider(),
                                "m",
                                object.kind(),
                                Lists.NOW,
                                read.serviceTier(),
                                counts,
                                tokens.doubts(),
                                read.searchContextSize())));
    }

    /** The cost of the row after a repricing. */
    private static String repriced(Documented object, TokenUsage tokens, String tier) {
        TokenUsage right = tokens.putRight(correction -> {});
        TokenCounts counts = new TokenCounts(
                right.input(),
                right.output(),
                right.cachedInput(),
                right.cacheWrite(),
                right.reasoning(),
                right.meters(),
                right.doubts().stream().map(doubt -> doubt.label()).collect(Collectors.toSet()));
        return Lists.costAndSource(
                LIST, PricedUsage.of(new CallUsage(object.provider(), "m", counts, tier, object.kind()), Lists.NOW));
    }

    static Stream<Documented> objects() {
        List<String> lines = Lists.text("documented-objects.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        List<Documented> objects = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 4) {
            objects.add(Documented.of(lines.subList(i, i + 4)));
        }
        return objects.stream();
    }

    /** A documented object and its cost in millionths of a dollar; null if there is no price. */
    record Documented(
            String provider, String kind, String json, Map<Meter, Long> meters, String source, BigDecimal micros) {

        static Documented of(List<String> lines) {
            String[] who = lines.get(0).split(" ");
            String meters = lines.get(2).strip();
            String[] price = lines.get(3).strip().split(" ", 2);
            return new Documented(
                    who[0],
                    who[1],
                    lines.get(1).strip(),
                    Lists.meters(meters.equals("-") ? "" : meters),
                    price[0],
                    price.length == 1 ? null : sum(price[1]));
        }

        private static BigDecimal sum(String sum) {
            return Arrays.stream(sum.split(" \\+ "))
                    .map(part -> part.split("\\*"))
                    .map(part -> new BigDecimal(part[0]).multiply(new BigDecimal(part[1])))
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
        }

        @Override
        public String toString() {
            return provider + " " + kind + " " + json;
        }
    }
}
