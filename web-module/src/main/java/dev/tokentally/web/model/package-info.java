/** The models that the API can ask. */
package dev.tokentally.web.model;
