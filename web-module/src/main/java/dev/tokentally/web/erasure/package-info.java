/** Users who are erased, over HTTP. */
package dev.tokentally.web.erasure;
