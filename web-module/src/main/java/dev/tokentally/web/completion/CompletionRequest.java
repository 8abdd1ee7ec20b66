package dev.tokentally.web.completion;

import dev.tokentally.text.CodePoint;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;

/** What a client asks for. The operation is checked further when the call scope is entered. */
record CompletionRequest(String operation, String systemMessage, String userMessage) {

    CompletionRequest {
        notBlank("operation", operation);
        validUnicode("system_message", systemMessage);
        notBlank("user_message", userMessage);
        validUnicode("user_message", userMessage);
    }

    private static void notBlank(String field, String value) {
        if (value.isBlank()) {
            throw new ProblemException(ProblemKind.VALIDATION_ERROR, field + " must not be blank");
        }
    }

    /** JSON can escape half a character (such as U+D800), which cannot be sent to any provider. */
    private static void validUnicode(String field, String value) {
        if (value.codePoints().anyMatch(CodePoint::isHalf)) {
            throw new ProblemException(
                    ProblemKind.VALIDATION_ERROR, field + " must be valid Unicode, found half a character");
        }
    }
}
