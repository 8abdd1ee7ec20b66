package dev.tokentally.web.key;

import dev.tokentally.text.CodePoint;
import dev.tokentally.usage.CallRecord;

/** What a tenant may be called. */
final class TenantName {

    /** What parts and separates entries, and what MicroProfile Config or a properties file would read as an escape. */
    private static final String NOT_IN_AN_ENTRY = ",:$\\";

    private TenantName() {}

    /** What a call scope would refuse in each of the tenant's calls; null when there is nothing. Quotes nothing. */
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

    /** That, and what would be another tenant once an entry with it has been configured and read. */
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
