package dev.tokentally.web.key;

import dev.tokentally.web.body.JsonFields;
import dev.tokentally.web.problem.ProblemException;
import dev.tokentally.web.problem.ProblemKind;
import java.util.List;

/** The tenant for whom a key is wanted, and what the key may do. */
record NewKeyRequest(String tenant, Role role) {

    private static final String TENANT = "tenant";
    private static final String ROLE = "role";

    static NewKeyRequest parse(byte[] body) {
        JsonFields fields = JsonFields.parse(body, List.of(TENANT, ROLE));
        return new NewKeyRequest(tenant(fields.required(TENANT)), role(fields.required(ROLE)));
    }

    private static String tenant(String tenant) {
        String fault = TenantName.faultInAnEntry(tenant);
        if (fault != null) {
            throw invalid(TENANT + " is not allowed: it " + fault);
        }
        return tenant;
    }

    private static Role role(String label) {
        try {
            return Role.ofLabel(label);
        } catch (IllegalArgumentException unknown) {
            throw invalid(ROLE + " must be tenant or admin");
        }
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ProblemKind.VALIDATION_ERROR, detail);
    }
}
