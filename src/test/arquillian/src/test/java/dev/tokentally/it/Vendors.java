package dev.tokentally.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokentally.langchain4j.providers.Protocol;
import dev.tokentally.langchain4j.providers.ProviderStub;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Sends questions to a customer's application that asks vendors through LangChain4j. Each vendor answers with a given usage
 * object.
 */
final class Vendors {

    private Vendors() {}

    /** Returns the row of the only call. The row of a streamed answer is stored a little later. */
    static Map<String, Object> row(ProviderStub provider, String app, Protocol protocol, String by, String usage)
            throws InterruptedException {
        if (by.equals("ordinary")) {
            provider.answers(protocol, usage);
        } else {
            provider.streams(protocol, usage);
        }
        UUID call = UUID.randomUUID();
        assertThat(Http.post(
                        "/" + app + "/api/providers",
                        "by",
                        by,
                        "protocol",
                        protocol,
                        "url",
                        provider.baseUrl(),
                        "with",
                        usage.contains("AUDIO") ? "sound" : usage.contains("IMAGE") ? "picture" : "text",
                        "tenant",
                        "tenant of " + call,
                        "call",
                        call))
                .isEqualTo("fox");
        List<Map<String, Object>> rows = Postgres.started().await(1, "select * from llm_calls where call_id = ?", call);
        assertThat(rows).hasSize(1);
        return rows.get(0);
    }
}
