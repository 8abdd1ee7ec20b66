/** The errors of the API (RFC 9457), and how they are logged. */
package dev.tokentally.web.problem;
