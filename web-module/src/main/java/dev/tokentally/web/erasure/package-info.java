/** Erases users, over HTTP. */
package dev.tokentally.web.erasure;
