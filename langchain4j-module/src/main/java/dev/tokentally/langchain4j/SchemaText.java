package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;

/**
 * Writes a JSON schema as text, for a model that does not take a schema as a parameter. LangChain4j can do this, too, but not in
 * its public API.
 */
final class SchemaText {

    private SchemaText() {}

    static String of(JsonSchemaElement schema) {
        return json(schema).toString();
    }

    private static ObjectNode json(JsonSchemaElement schema) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        if (schema instanceof JsonObjectSchema object) {
            json.put("type", "object");
            ObjectNode properties = json.putObject("properties");
            object.properties().forEach((name, property) -> properties.set(name, json(property)));
            ArrayNode required = json.putArray("required");
            object.required().forEach(required::add);
            json.put("additionalProperties", false);
        } else if (schema instanceof JsonArraySchema array) {
            json.put("type", "array").set("items", json(array.items()));
        } else if (schema instanceof JsonEnumSchema choice) {
            ArrayNode values = json.put("type", "string").putArray("enum");
            choice.enumValues().forEach(values::add);
        } else if (schema instanceof JsonBooleanSchema) {
            json.put("type", "boolean");
        } else {
            json.put("type", schema instanceof JsonIntegerSchema ? "integer" : numberOrText(schema));
        }
        if (schema.description() != null) {
            json.put("description", schema.description());
        }
        return json;
    }

    private static String numberOrText(JsonSchemaElement schema) {
        return schema instanceof JsonNumberSchema ? "number" : "string";
    }
}
