package dev.tokentally.web.completion;

import dev.tokentally.web.body.JsonFields;
import java.util.List;

/** Reads a completion request. */
final class CompletionBody {

    private static final String OPERATION = "operation";
    private static final String SYSTEM_MESSAGE = "system_message";
    private static final String USER_MESSAGE = "user_message";

    private CompletionBody() {}

    static CompletionRequest parse(byte[] body) {
        JsonFields fields = JsonFields.parse(body, List.of(OPERATION, SYSTEM_MESSAGE, USER_MESSAGE));
        return new CompletionRequest(
                fields.required(OPERATION), fields.optional(SYSTEM_MESSAGE).orElse(""), fields.required(USER_MESSAGE));
    }
}
