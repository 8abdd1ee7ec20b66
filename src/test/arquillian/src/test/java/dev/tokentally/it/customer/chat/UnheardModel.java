package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.ChatModel;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Typed;

/** A model of the customer's own that tells no listener of its requests. */
@ApplicationScoped
@Typed(UnheardModel.class)
public class UnheardModel implements ChatModel {

    @Override
    public String chat(String message) {
        return message;
    }
}
