package dev.tokentally.langchain4j;

import java.lang.annotation.Annotation;
import java.util.Set;

/**
 * The member (a producer method or field) that makes a model.
 *
 * @param name class and member
 * @param annotations of the member, its qualifiers among them
 */
record ModelMaker(String name, ModelType type, Set<Annotation> annotations) {

    /** The WARNING about a model without a listener, with the remedy. */
    String unrecorded() {
        return "The " + type.label() + " that " + name + " has made has no " + type.listener()
                + ", so requests that are made of it directly have no rows. Give its builder .listeners(listener), with the "
                + type.listener() + " as a parameter of the producer"
                + (type == ModelType.STREAMING ? ", or wrap the model in a TrackedStreamingChatModel" : "");
    }
}
