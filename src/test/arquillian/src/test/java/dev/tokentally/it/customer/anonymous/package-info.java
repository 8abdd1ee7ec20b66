/** An application without a TenantResolver, whose callers say nowhere who they are. */
package dev.tokentally.it.customer.anonymous;
