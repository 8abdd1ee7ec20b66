package dev.tokentally.web.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.usage.Dimension;
import dev.tokentally.usage.Figures;
import dev.tokentally.usage.UsageBlock;
import dev.tokentally.usage.UsageQuestion;
import dev.tokentally.usage.UsageReport;
import dev.tokentally.usage.Window;
import dev.tokentally.web.json.JsonBody;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A report as JSON")
class ReportJsonTest {

    private static final Pattern NAMES = Pattern.compile("\"(?:value|model)\":(null|\"[^\"]*\")");

    private final UsageBlock total = block(null);

    @Test
    @DisplayName("of groups has null as the value of calls that have none, also where their model is not known")
    void groups() {
        UsageReport report = new UsageReport(
                List.of(block("", block(""), block("openai")), block("gpt-4o", block("openai"))), total);
        UsageQuestion question =
                new UsageQuestion("acme", Window.ALWAYS).by(Dimension.REQUESTED_MODEL, Dimension.PROVIDER);

        assertThat(names(JsonBody.object(json -> ReportJson.write(question, report, null, json))))
                .containsExactly("null", "null", "\"openai\"", "\"gpt-4o\"", "\"openai\"", "null");
        assertThat(names(JsonBody.object(json -> ReportJson.write(
                        new UsageQuestion("acme", Window.ALWAYS).by(Dimension.USER),
                        new UsageReport(List.of(block(null), block("anna")), total),
                        null,
                        json))))
                .containsExactly("null", "\"anna\"", "null");
    }

    @Test
    @DisplayName("by model has an empty name where the model is not known")
    void byModel() {
        UsageReport report = new UsageReport(List.of(block(""), block("gpt-4o")), total);

        assertThat(names(JsonBody.object(json -> ReportJson.write(report, Dimension.MODEL, null, json))))
                .containsExactly("\"\"", "\"gpt-4o\"", "null");
    }

    private static UsageBlock block(String name, UsageBlock... parts) {
        return new UsageBlock(name, Figures.ZERO, Figures.ZERO, Arrays.asList(parts));
    }

    private static List<String> names(byte[] json) {
        return NAMES.matcher(new String(json, StandardCharsets.UTF_8))
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
