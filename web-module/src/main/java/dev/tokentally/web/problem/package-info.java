/** Errors as the API tells them (RFC 9457), and how they are logged. */
package dev.tokentally.web.problem;
