package dev.tokentally.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form that an answer gets: text as it is, or a record. */
sealed interface AnswerForm<T> {

    /**
     * The form of a response type.
     *
     * @throws IllegalArgumentException when it is neither {@code String} nor a record that a schema can describe
     */
    static <T> AnswerForm<T> of(Class<T> responseType) {
        if (responseType == String.class) {
            return new Text<>(responseType);
        }
        if (responseType != null && responseType.isRecord()) {
            return new Structured<>(responseType, Shape.of(responseType));
        }
        throw new IllegalArgumentException("responseType must be String.class or a record, not "
                + (responseType == null ? null : responseType.getName()));
    }

    /** The format that the model gets as a parameter; empty for text. */
    Optional<ResponseFormat> format();

    /** The text for the system message, if the model takes no such parameter; empty for text. */
    Optional<String> instruction();

    /**
     * Reads the answer.
     *
     * @throws UnusableAnswerException when the answer does not have this form
     */
    T read(String answer, KnownUsage known);

    /** The text as it is. */
    record Text<T>(Class<T> type) implements AnswerForm<T> {

        @Override
        public Optional<ResponseFormat> format() {
            return Optional.empty();
        }

        @Override
        public Optional<String> instruction() {
            return Optional.empty();
        }

        @Override
        public T read(String answer, KnownUsage known) {
            return type.cast(answer);
        }
    }

    /** JSON that fits the record. */
    record Structured<T>(Class<T> type, RecordShape shape) implements AnswerForm<T> {

        private static final JsonMapper STRICT = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                        DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .build();

        /** Models that get the schema in words often put their JSON into a block of Markdown. */
        private static final Pattern FENCED =
                Pattern.compile("\\A\\s*```(?:json)?\\s*\\n(.*)\\n\\s*```\\s*\\z", Pattern.DOTALL);

        private static final int NAME_LENGTH = 64;

        @Override
        public Optional<ResponseFormat> format() {
            return Optional.of(ResponseFormat.builder()
                    .type(ResponseFormatType.JSON)
                    .jsonSchema(JsonSchema.builder()
                            .name(schemaName())
                            .rootElement(shape.schema(null))
                            .build())
                    .build());
        }

        /** The name with only those characters that OpenAI allows. */
        private String schemaName() {
            String name = type.getSimpleName().replaceAll("[^a-zA-Z0-9_-]", "_");
            return name.substring(0, Math.min(name.length(), NAME_LENGTH));
        }

        @Override
        public Optional<String> instruction() {
            return Optional.of(
                    "Answer with one JSON object that is valid against this JSON Schema, and with nothing else:\n"
                            + SchemaText.of(shape.schema(null)));
        }

        @Override
        public T read(String answer, KnownUsage known) {
            try {
                Matcher fenced = FENCED.matcher(answer);
                JsonNode json = STRICT.readTree(fenced.matches() ? fenced.group(1) : answer);
                return type.cast(shape.bind(json, type.getSimpleName()));
            } catch (JsonProcessingException malformed) {
                // The exception is not passed as the cause, since its message quotes the answer.
                throw new MalformedAnswerException(
                        "The model's answer is not the JSON that it was asked for", known, null);
            } catch (MismatchException mismatch) {
                throw new SchemaViolationException(
                        "The model's answer does not fit what was asked for: " + mismatch.getMessage(),
                        known,
                        mismatch.getCause());
            }
        }
    }
}
