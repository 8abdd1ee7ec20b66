package dev.tokentally.web.key;

import dev.tokentally.text.CodePoint;
import dev.tokentally.usage.CallRecord;

/** The names that a tenant may have. */
final class TenantName {

    /**
     * Characters that separate entries and their parts, and those that MicroProfile Config or a properties file would read as an
     * escape.
     */
    private static final String NOT_IN_AN_ENTRY = ",:$\\";

    private TenantName() {}

    /** Says why a call scope would refuse the tenant's name; null if it would accept it. The text does not quote the name. */
    static String fault(String tenant) {
        if (tenant.isBlank()) {
            return "is blank";
        }
        if (tenant.length() > CallRecord.TENANT_LENGTH) {
            return "has " + tenant.length() + " characters, at most " + CallRecord.TENANT_LENGTH + " are allowed";
        }
        if (tenant.codePoints().anyMatch(sign -> CodePoint.breaksALine(sign) || CodePoint.isHalf(sign))) {
            return "holds a control character or half a character";
        }
        return null;
    }

    /** Says the same, and also refuses a name with a character that would end the tenant's part of an entry. */
    static String faultInAnEntry(String tenant) {
        String fault = fault(tenant);
        if (fault != null) {
            return fault;
        }
        if (tenant.chars().anyMatch(character -> NOT_IN_AN_ENTRY.indexOf(character) >= 0)) {
            return "holds a comma, a colon, a dollar sign or a backslash";
        }
        return tenant.equals(tenant.strip()) ? null : "begins or ends with a blank";
    }
}
