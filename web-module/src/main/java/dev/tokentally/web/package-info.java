/** The web module: puts the REST API together and checks it at the start. */
package dev.tokentally.web;
