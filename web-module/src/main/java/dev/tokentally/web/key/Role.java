package dev.tokentally.web.key;

import java.util.Locale;

/** What a key may do. */
enum Role {
    /** May do what concerns its own tenant. */
    TENANT,
    /** May do the same, and what concerns all tenants. */
    ADMIN;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Role ofLabel(String label) {
        for (Role role : values()) {
            if (role.label().equals(label)) {
                return role;
            }
        }
        throw new IllegalArgumentException("its role is neither tenant nor admin");
    }

    boolean includes(String label) {
        return label().equals(label) || this == ADMIN && TENANT.label().equals(label);
    }
}
