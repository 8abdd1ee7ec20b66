/** Who calls and for what: the tenant, the operation and the call id that the records of one piece of work share. */
package dev.tokentally.scope;
