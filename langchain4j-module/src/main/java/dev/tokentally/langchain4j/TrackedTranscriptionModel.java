package dev.tokentally.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.audio.AudioTranscriptionModel;
import dev.langchain4j.model.audio.AudioTranscriptionRequest;
import dev.langchain4j.model.audio.AudioTranscriptionResponse;

/** Records each transcription. All other methods of the interface lead to the one here. */
record TrackedTranscriptionModel(AudioTranscriptionModel model, TrackedCalls calls) implements AudioTranscriptionModel {

    @Override
    public AudioTranscriptionResponse transcribe(AudioTranscriptionRequest request) {
        return calls.call(() -> model.transcribe(request));
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }
}
