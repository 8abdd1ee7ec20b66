package dev.tokentally.web.completion;

import dev.tokentally.llm.LlmResponse;
import dev.tokentally.pricing.PriceList;
import dev.tokentally.tracking.ReportedUsage;
import dev.tokentally.usage.Cost;
import dev.tokentally.usage.TokenCounts;
import dev.tokentally.web.json.JsonBody;
import dev.tokentally.web.json.PlainDecimal;
import java.time.Instant;
import java.util.UUID;

/** What the API answers to a completion. */
final class CompletionAnswer {

    private CompletionAnswer() {}

    /** The answer as JSON. Its tokens and its cost are computed as those of the call's row. */
    static byte[] of(LlmResponse<String> answer, UUID callId, Instant startedAt, PriceList prices) {
        ReportedUsage used = ReportedUsage.of(answer);
        TokenCounts tokens = used.usage().tokens();
        Cost cost = prices.costOf(used.cost(), used.usage(), startedAt);
        return JsonBody.object(json -> json.write("content", orEmpty(answer.content()))
                .write("model", orEmpty(answer.model()))
                .write("input_tokens", tokens.input())
                .write("output_tokens", tokens.output())
                .write("cost_usd", PlainDecimal.of(cost.usd()))
                .write("call_id", callId.toString()));
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }
}
