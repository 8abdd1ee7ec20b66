package dev.tokentally.web.erasure;

import dev.tokentally.text.CodePoint;
import dev.tokentally.usage.CallOrigin;
import dev.tokentally.usage.CallRecord;
import dev.tokentally.web.body.JsonFields;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.util.List;

/** Which user of which tenant is to be erased. */
record ErasureRequest(String tenant, String user) {

    private static final String TENANT = "tenant";
    private static final String USER = "user";

    static ErasureRequest parse(byte[] body) {
        JsonFields fields = JsonFields.parse(body, List.of(TENANT, USER));
        return new ErasureRequest(
                text(TENANT, CallRecord.TENANT_LENGTH, fields), text(USER, CallOrigin.USER_LENGTH, fields));
    }

    /** Refuses a name with which no scope can be entered, since no row has it. The message does not show the value. */
    private static String text(String field, int maxLength, JsonFields fields) {
        String value = fields.required(field);
        if (value.isBlank()) {
            throw invalid(field + " must not be blank");
        }
        if (value.length() > maxLength) {
            throw invalid(field + " must have at most " + maxLength + " characters");
        }
        if (value.codePoints().anyMatch(ErasureRequest::isNoText)) {
            throw invalid(field + " must have neither control characters nor lone surrogates");
        }
        return value;
    }

    private static boolean isNoText(int codePoint) {
        return Character.isISOControl(codePoint) || CodePoint.isHalf(codePoint);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }

    /** The text does not have the user's name. */
    @Override
    public String toString() {
        return "ErasureRequest[tenant=" + tenant + "]";
    }
}
