package dev.tokentally.langchain4j;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** The shape of a part of an answer. It describes the part as a schema, and makes the Java value from it. */
interface Shape {

    /**
     * The schema that the model gets.
     *
     * @param description what the value means; null if the record does not say it
     */
    JsonSchemaElement schema(String description);

    /**
     * Makes the value. It does not convert a value of the wrong type.
     *
     * @param node what the model answered; never null
     * @param at where the value is, for the message
     * @throws MismatchException when it is something else
     */
    Object bind(JsonNode node, String at) throws MismatchException;

    /**
     * The shape of a record.
     *
     * @throws IllegalArgumentException when no schema can describe a component; the message names it
     */
    static RecordShape of(Class<?> recordType) {
        return RecordShape.of(recordType, List.of());
    }

    /** The shape of a component; {@code outer} are the records around it. */
    static Shape of(Type type, String at, List<Class<?>> outer) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type argument = generic.getActualTypeArguments()[0];
            if (raw == List.class || raw == Collection.class || raw == Set.class) {
                return new ListShape(of(argument, at + "[]", outer), raw);
            }
        }
        if (type instanceof Class<?> plain) {
            if (plain.isArray()) {
                return new ListShape(of(plain.getComponentType(), at + "[]", outer), plain);
            }
            if (plain.isRecord()) {
                return RecordShape.of(plain, outer);
            }
            if (plain.isEnum()) {
                return new EnumShape(plain);
            }
            Shape simple = simple(plain);
            if (simple != null) {
                return simple;
            }
        }
        throw new IllegalArgumentException("A model cannot be asked for " + at + ", a " + type.getTypeName()
                + ": allowed are text, numbers, booleans, enums, records, and arrays, List, Set and Collection of these;"
                + " a record's component may be an Optional of one");
    }

    private static Shape simple(Class<?> type) {
        if (type == String.class) {
            return SimpleShape.TEXT;
        }
        if (type == boolean.class || type == Boolean.class) {
            return SimpleShape.BOOLEAN;
        }
        if (type == int.class || type == Integer.class) {
            return SimpleShape.INT;
        }
        if (type == long.class || type == Long.class) {
            return SimpleShape.LONG;
        }
        if (type == BigInteger.class) {
            return SimpleShape.BIG_INTEGER;
        }
        if (type == double.class || type == Double.class) {
            return SimpleShape.DOUBLE;
        }
        if (type == BigDecimal.class) {
            return SimpleShape.BIG_DECIMAL;
        }
        return null;
    }

    /** Says in words what kind of value is there, but never the value itself. */
    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            default -> "nothing";
        };
    }
}
