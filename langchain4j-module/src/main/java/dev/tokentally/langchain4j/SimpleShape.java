package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.function.Function;
import java.util.function.Predicate;

/** A value without parts. A number such as 3.0 is whole, as in JSON Schema. */
enum SimpleShape implements Shape {
    TEXT("text", JsonNode::isTextual, JsonNode::textValue),
    BOOLEAN("true or false", JsonNode::isBoolean, JsonNode::booleanValue),
    INT("a whole number of 32 bits", node -> isWhole(node) && node.canConvertToInt(), JsonNode::intValue),
    LONG("a whole number of 64 bits", node -> isWhole(node) && node.canConvertToLong(), JsonNode::longValue),
    BIG_INTEGER("a whole number", JsonNode::isIntegralNumber, JsonNode::bigIntegerValue),
    DOUBLE("a number", node -> node.isNumber() && Double.isFinite(node.doubleValue()), JsonNode::doubleValue),
    BIG_DECIMAL("a number", JsonNode::isNumber, JsonNode::decimalValue);

    private final String kind;
    private final Predicate<JsonNode> fits;
    private final Function<JsonNode, Object> value;

    SimpleShape(String kind, Predicate<JsonNode> fits, Function<JsonNode, Object> value) {
        this.kind = kind;
        this.fits = fits;
        this.value = value;
    }

    @Override
    public JsonSchemaElement schema(String description) {
        return switch (this) {
            case TEXT -> JsonStringSchema.builder().description(description).build();
            case BOOLEAN -> JsonBooleanSchema.builder().description(description).build();
            case INT, LONG, BIG_INTEGER ->
                JsonIntegerSchema.builder().description(description).build();
            case DOUBLE, BIG_DECIMAL ->
                JsonNumberSchema.builder().description(description).build();
        };
    }

    @Override
    public Object bind(JsonNode node, String at) throws MismatchException {
        if (!fits.test(node)) {
            throw new MismatchException(at, "must be " + kind + ", found " + found(node));
        }
        return value.apply(node);
    }

    private String found(JsonNode node) {
        return node.isNumber() && this != TEXT && this != BOOLEAN ? "another number" : Shape.kind(node);
    }

    private static boolean isWhole(JsonNode node) {
        return node.isNumber() && node.canConvertToExactIntegral();
    }
}
