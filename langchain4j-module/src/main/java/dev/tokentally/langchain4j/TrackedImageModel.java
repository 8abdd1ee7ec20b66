package dev.tokentally.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import dev.langchain4j.model.output.Response;
import java.util.List;

/** Records each image, or each request for several. */
record TrackedImageModel(ImageModel model, TrackedCalls calls) implements ImageModel {

    @Override
    public Response<Image> generate(String prompt) {
        return calls.call(() -> model.generate(prompt), answer -> UsedTokens.of(answer.tokenUsage()));
    }

    @Override
    public Response<List<Image>> generate(String prompt, int n) {
        return calls.call(() -> model.generate(prompt, n), answer -> UsedTokens.of(answer.tokenUsage()));
    }

    @Override
    public Response<Image> edit(Image image, String prompt) {
        return calls.call(() -> model.edit(image, prompt), answer -> UsedTokens.of(answer.tokenUsage()));
    }

    @Override
    public Response<Image> edit(Image image, Image mask, String prompt) {
        return calls.call(() -> model.edit(image, mask, prompt), answer -> UsedTokens.of(answer.tokenUsage()));
    }
}
