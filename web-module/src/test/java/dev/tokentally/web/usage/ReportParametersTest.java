package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.Window;
import dev.tokentally.web.problem.ProblemException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The parameters of a report")
class ReportParametersTest {

    @Test
    @DisplayName("none is needed if the path names the dimension")
    void noneNeeded() {
        assertThat(ReportParameters.of("acme", Map.of())).isEqualTo(new UsageQuestion("acme", Window.ALWAYS));
        assertThat(ReportParameters.ofAll(Map.of())).isEqualTo(new UsageQuestion(null, Window.ALWAYS));
    }

    @Test
    @DisplayName("each dimension is a filter by its own name, in every report")
    void filters() {
        Map<String, List<String>> values = new HashMap<>();
        Map<Dimension, String> filters = new HashMap<>();
        for (Dimension dimension : Stream.concat(
                        QueryParameters.FILTERS.stream(),
                        Stream.of(Dimension.tag("team"), Dimension.tag("cost.centre")))
                .toList()) {
            values.put(dimension.label(), List.of("a value, with a comma"));
            filters.put(dimension, "a value, with a comma");
        }
        assertThat(ReportParameters.of("acme", values).filters()).isEqualTo(filters);
        assertThat(ReportParameters.ofAll(values).filters()).isEqualTo(filters);
        assertThat(CallsQuery.of("acme", values, 1).filter().values()).isEqualTo(filters);
        assertThat(CallsQuery.ofAll(values, 1).filter().values()).isEqualTo(filters);
        Map<String, List<String>> series = new HashMap<>(values);
        series.put("bucket", List.of("day"));
        assertThat(SeriesParameters.of("acme", series).query().filters()).isEqualTo(filters);
        assertThat(SeriesParameters.ofAll(series).query().filters()).isEqualTo(filters);
        values.put("dimension", List.of("model,provider"));
        assertThat(ReportParameters.by("acme", values))
                .isEqualTo(new UsageQuestion(
                        "acme", Window.ALWAYS, filters, List.of(Dimension.MODEL, Dimension.PROVIDER)));
        assertThat(ReportParameters.byOfAll(values).filters()).isEqualTo(filters);
    }

    @Test
    @DisplayName("an empty value means the calls without one, for dimensions that can be empty")
    void none() {
        assertThat(ReportParameters.of("acme", Map.of("model", List.of(""), "provider", List.of("")))
                        .filters())
                .isEqualTo(Map.of(Dimension.MODEL, "", Dimension.PROVIDER, ""));
        for (String always : List.of("operation", "kind")) {
            assertThatThrownBy(() -> ReportParameters.of("acme", Map.of(always, List.of(""))))
                    .hasMessage(always + " must not be empty");
        }
    }

    @Test
    @DisplayName("only an admin may group by tenant or name a tenant")
    void tenant() {
        assertThat(ReportParameters.byOfAll(
                        Map.of("dimension", List.of("tenant,operation"), "tenant", List.of("acme"))))
                .isEqualTo(new UsageQuestion("acme", Window.ALWAYS).by(Dimension.TENANT, Dimension.OPERATION));
        assertThatThrownBy(() -> ReportParameters.by("acme", Map.of("dimension", List.of("tenant"))))
                .hasMessageStartingWith("dimension must be one or two of operation, ");
        for (String other : List.of("tenant", "tenant_id")) {
            Map<String, List<String>> named = Map.of(other, List.of("acme"), "dimension", List.of("operation"));
            assertThatThrownBy(() -> ReportParameters.by("acme", named))
                    .hasMessageStartingWith("unknown parameter " + other);
        }
        assertThatThrownBy(() -> ReportParameters.of("acme", Map.of("tenant", List.of("acme"))))
                .hasMessageStartingWith("unknown parameter tenant");
        assertThatThrownBy(() -> ReportParameters.ofAll(Map.of("tenant", List.of(""))))
                .hasMessage("tenant must not be empty");
    }

    @ParameterizedTest
    @DisplayName("an unknown dimension, no dimension, three of them or the same one twice are refused")
    @ValueSource(
            strings = {
                "",
                ",",
                "colour",
                "Model",
                "model,",
                ",model",
                "model, provider",
                "model;provider",
                "tenant_id",
                "model,provider,kind",
                "model,provider,colour",
                "model,model",
                "model,model,model",
                "cost_usd",
                "tag",
                "tag.",
                "tag.a b",
                "tag.-a",
                "tag.\"a\"",
                "tags.a",
                "tag.a,tag.b,tag.c",
                "tag.a,tag.a",
                "model) from llm_calls; --"
            })
    void badDimension(String given) {
        Map<String, List<String>> parameters = Map.of("dimension", List.of(given));
        assertThatThrownBy(() -> ReportParameters.by("acme", parameters))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("dimension ");
        assertThatThrownBy(() -> ReportParameters.byOfAll(parameters))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("dimension ");
    }

    @Test
    @DisplayName("a tag is a dimension too, if its key is valid")
    void tags() {
        assertThat(ReportParameters.by("acme", Map.of("dimension", List.of("tag.team,user")))
                        .dimensions())
                .containsExactly(Dimension.tag("team"), Dimension.USER);
        for (String key : List.of("", "a b", ".a", "a".repeat(65), "a'", "ä", "a\"")) {
            assertThatThrownBy(() -> ReportParameters.of("acme", Map.of("tag." + key, List.of("x"))))
                    .hasMessageStartingWith("unknown parameter tag.");
        }
    }

    @Test
    @DisplayName("the dimension is required if the path does not name one, and is refused otherwise")
    void missing() {
        assertThatThrownBy(() -> ReportParameters.by("acme", Map.of())).hasMessageStartingWith("dimension is missing");
        assertThatThrownBy(() -> ReportParameters.byOfAll(Map.of())).hasMessageStartingWith("dimension is missing");
        assertThatThrownBy(() -> ReportParameters.of("acme", Map.of("dimension", List.of("model"))))
                .hasMessageStartingWith("unknown parameter dimension");
        assertThatThrownBy(() -> ReportParameters.by("acme", Map.of("dimension", List.of("model", "provider"))))
                .hasMessage("dimension is there 2 times");
    }
}
