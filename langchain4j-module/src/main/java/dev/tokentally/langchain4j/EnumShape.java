package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.util.Arrays;
import java.util.List;

/** One of an enum's constants, by its name. */
record EnumShape(Class<?> type) implements Shape {

    @Override
    public JsonSchemaElement schema(String description) {
        return JsonEnumSchema.builder()
                .description(description)
                .enumValues(names())
                .build();
    }

    @Override
    public Object bind(JsonNode node, String at) throws MismatchException {
        for (Object constant : type.getEnumConstants()) {
            if (node.isTextual() && ((Enum<?>) constant).name().equals(node.textValue())) {
                return constant;
            }
        }
        throw new MismatchException(
                at, "must be one of " + names() + ", found " + (node.isTextual() ? "another text" : Shape.kind(node)));
    }

    private List<String> names() {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> ((Enum<?>) constant).name())
                .toList();
    }
}
