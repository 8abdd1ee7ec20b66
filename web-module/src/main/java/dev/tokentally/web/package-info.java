/** The web module: where the REST API is put together and checked at start. */
package dev.tokentally.web;
