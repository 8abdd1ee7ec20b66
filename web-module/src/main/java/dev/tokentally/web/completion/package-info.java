/** {@code POST /completions}: one recorded call to the configured model. */
package dev.tokentally.web.completion;
