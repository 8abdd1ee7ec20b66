/** What requests and answers have beside their bodies: the query, and entity tags. */
package dev.tokentally.web.http;
