/** An application without a TenantResolver, whose callers do not log in. */
package dev.tokentally.it.customer.anonymous;
