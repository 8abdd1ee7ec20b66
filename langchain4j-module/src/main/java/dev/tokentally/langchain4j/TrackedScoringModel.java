package dev.tokentally.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tokentally.llm.Meter;
import dev.tokentally.llm.TokenUsage;
import java.util.List;

/** Records each ranking. All other methods of the interface lead to the one here. */
record TrackedScoringModel(ScoringModel model, TrackedCalls calls) implements ScoringModel {

    private static final String COHERE = "dev.langchain4j.model.cohere.CohereScoringModel";

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        return calls.call(() -> model.scoreAll(segments, query), this::used);
    }

    /** The tokens that Cohere's model gives are really the search units that Cohere bills. */
    private TokenUsage used(Response<List<Double>> answer) {
        TokenUsage told = UsedTokens.of(answer.tokenUsage());
        return told != null && model.getClass().getName().equals(COHERE)
                ? TokenUsage.of(0, 0).with(Meter.SEARCH_UNITS.label(), told.input())
                : told;
    }
}
