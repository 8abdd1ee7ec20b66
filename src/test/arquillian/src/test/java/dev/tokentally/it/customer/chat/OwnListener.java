package dev.tokentally.it.customer.chat;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import jakarta.enterprise.context.ApplicationScoped;

/** A listener of the customer's, which records nothing. */
@ApplicationScoped
public class OwnListener implements ChatModelListener {}
