/** The bodies of requests. They are read up to a limit, and only accepted as they are described. */
package dev.tokentally.web.body;
