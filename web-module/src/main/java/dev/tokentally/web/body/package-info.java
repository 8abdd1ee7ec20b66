/** The bodies of requests: read up to a limit, and as strictly as they are described. */
package dev.tokentally.web.body;
