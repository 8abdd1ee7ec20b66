/** The dashboard: files for a browser, which asks the API for everything that it shows. */
package dev.tokentally.web.page;
