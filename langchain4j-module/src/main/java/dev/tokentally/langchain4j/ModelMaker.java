package dev.tokentally.langchain4j;

import java.lang.annotation.Annotation;
import java.util.Set;

/**
 * The member (a producer method or field) that makes a model.
 *
 * @param name class and member; only the class if the class itself is the bean
 * @param annotations of the member, its qualifiers among them
 */
record ModelMaker(String name, ModelType type, Set<Annotation> annotations) {

    /** The WARNING about a model whose requests nobody records, with the remedy. */
    String unrecorded() {
        if (!type.hasListeners()) {
            return "The " + type.label() + " that " + name
                    + " has made is not wrapped, so its requests have no rows. Return " + type.wrapping()
                    + ", with TrackedModels as a parameter of the producer";
        }
        return "The " + type.label() + " that " + name + " has made has no " + type.listener()
                + ", so requests that are made of it directly have no rows. Give its builder .listeners(List.of(listener))"
                + (type == ModelType.EMBEDDING ? ", or return model.addListener(listener)" : "")
                + ", with the " + type.listener() + " as a parameter of the producer"
                + (type == ModelType.STREAMING ? ", or wrap the model in a TrackedStreamingChatModel" : "")
                + (type == ModelType.EMBEDDING ? ", or return TrackedModels.embedding(model)" : "");
    }

    /** The WARNING about a class of the application's whose objects have no listener, with the remedy. */
    String unheardClass() {
        return "The " + type.label() + " bean " + name + " has no " + type.listener()
                + ", so requests that are made of it directly have no rows. Return a " + type.listener()
                + " from listeners(), and answer in doChat";
    }
}
