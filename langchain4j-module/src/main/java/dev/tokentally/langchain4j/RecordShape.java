package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.output.structured.Description;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A record: an object with exactly its components. All are required, except those that are an {@code Optional}.
 *
 * @param type the record
 * @param parts its components, in their order
 */
record RecordShape(Class<?> type, List<Part> parts) implements Shape {

    /** A component. */
    record Part(String name, String description, boolean optional, Shape shape) {}

    static RecordShape of(Class<?> type, List<Class<?>> outer) {
        if (outer.contains(type)) {
            throw new IllegalArgumentException(
                    "A model cannot be asked for " + type.getName() + ", because it contains itself");
        }
        List<Class<?>> around = new ArrayList<>(outer);
        around.add(type);
        return new RecordShape(
                type,
                Arrays.stream(type.getRecordComponents())
                        .map(component -> part(component, around))
                        .toList());
    }

    private static Part part(RecordComponent component, List<Class<?>> around) {
        String at = component.getDeclaringRecord().getSimpleName() + "." + component.getName();
        Type type = component.getGenericType();
        boolean optional = type instanceof ParameterizedType generic && generic.getRawType() == Optional.class;
        Type required = optional ? ((ParameterizedType) type).getActualTypeArguments()[0] : type;
        return new Part(component.getName(), description(component), optional, Shape.of(required, at, around));
    }

    /** LangChain4j's annotation; the compiler passes it on from a component to its field. */
    private static String description(RecordComponent component) {
        try {
            Description description = component
                    .getDeclaringRecord()
                    .getDeclaredField(component.getName())
                    .getAnnotation(Description.class);
            return description == null ? null : String.join(" ", description.value());
        } catch (NoSuchFieldException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public JsonObjectSchema schema(String description) {
        Description ofType = type.getAnnotation(Description.class);
        JsonObjectSchema.Builder schema = JsonObjectSchema.builder()
                .description(description == null && ofType != null ? String.join(" ", ofType.value()) : description)
                .required(parts.stream()
                        .filter(part -> !part.optional())
                        .map(Part::name)
                        .toList())
                .additionalProperties(false);
        parts.forEach(part -> schema.addProperty(part.name(), part.shape().schema(part.description())));
        return schema.build();
    }

    @Override
    public Object bind(JsonNode node, String at) throws MismatchException {
        if (!node.isObject()) {
            throw new MismatchException(at, "must be an object, found " + Shape.kind(node));
        }
        Object[] values = new Object[parts.size()];
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            Part part = parts.get(i);
            found += node.has(part.name()) ? 1 : 0;
            values[i] = bind(part, node.path(part.name()), at + "." + part.name());
        }
        if (found < node.size()) {
            throw new MismatchException(at, "has " + (node.size() - found) + " field(s) that the record does not have");
        }
        return construct(values, at);
    }

    private static Object bind(Part part, JsonNode node, String at) throws MismatchException {
        if (!part.optional()) {
            return part.shape().bind(node, at);
        }
        boolean absent = node.isMissingNode() || node.isNull();
        return absent ? Optional.empty() : Optional.of(part.shape().bind(node, at));
    }

    private Object construct(Object[] values, String at) throws MismatchException {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException refused) {
            throw new MismatchException(at, "is refused by the record's constructor", refused.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
