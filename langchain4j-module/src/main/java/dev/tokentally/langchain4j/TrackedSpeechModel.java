package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.audio.TextToSpeechModel;
import dev.langchain4j.model.audio.TextToSpeechRequest;
import dev.langchain4j.model.audio.TextToSpeechResponse;

/** Records each text that is spoken. All other methods of the interface lead to the one here. */
record TrackedSpeechModel(TextToSpeechModel model, TrackedCalls calls) implements TextToSpeechModel {

    @Override
    public TextToSpeechResponse synthesize(TextToSpeechRequest request) {
        return calls.call(() -> model.synthesize(request));
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }
}
