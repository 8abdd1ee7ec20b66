package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Any number of the same, as an array or a collection that cannot be changed. */
record ListShape(Shape element, Class<?> type) implements Shape {

    @Override
    public JsonSchemaElement schema(String description) {
        return JsonArraySchema.builder()
                .description(description)
                .items(element.schema(null))
                .build();
    }

    @Override
    public Object bind(JsonNode node, String at) throws MismatchException {
        if (!node.isArray()) {
            throw new MismatchException(at, "must be an array, found " + Shape.kind(node));
        }
        List<Object> elements = new ArrayList<>(node.size());
        for (JsonNode part : node) {
            elements.add(element.bind(part, at + "[" + elements.size() + "]"));
        }
        if (type == Set.class) {
            return Collections.unmodifiableSet(new LinkedHashSet<>(elements));
        }
        return type.isArray() ? array(elements) : Collections.unmodifiableList(elements);
    }

    private Object array(List<Object> elements) {
        Object array = Array.newInstance(type.getComponentType(), elements.size());
        for (int i = 0; i < elements.size(); i++) {
            Array.set(array, i, elements.get(i));
        }
        return array;
    }
}
